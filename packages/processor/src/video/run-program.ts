import { spawn } from "node:child_process";

import { FfmpegMissingError } from "../errors.js";
import { limitError } from "../limit-error.js";
import { TextTail } from "../text-tail.js";

/** How a program is run. */
export interface RunProgramOptions {
  readonly signal: AbortSignal;
  /** Called with what it writes; without it, that is kept. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** What is kept of it at the most. */
  readonly maxOutputBytes?: number;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly exitCode: number | undefined;
  readonly killedBy: NodeJS.Signals | undefined;
  readonly output: Buffer;
  /** The end of what it said. */
  readonly messages: string;
}

/**
 * Runs a program to its end, without a shell and without input. When the signal aborts it is killed, and the call rejects
 * when it is gone.
 *
 * @throws FfmpegMissingError when there is no such program; the signal's reason.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { signal, onOutput, maxOutputBytes = Infinity }: RunProgramOptions,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  const kept: Buffer[] = [];
  const messages = new TextTail(16_384);
  let keptBytes = 0;
  let tooMuch: Error | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    if (onOutput) return onOutput(chunk);
    keptBytes += chunk.length;
    if (keptBytes <= maxOutputBytes) return void kept.push(chunk);
    tooMuch ??= limitError({ what: "the result", limit: "maxOutputSize", allowed: maxOutputBytes });
    return kill();
  });
  child.stderr.on("data", (chunk: Buffer) => messages.add(chunk));
  try {
    const [exitCode, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>(
      (resolve, reject) => {
        child.once("error", (error) => reject(missing(program, error)));
        child.once("close", (...ending) => resolve(ending));
      },
    );
    signal.throwIfAborted();
    if (tooMuch) throw tooMuch;
    return {
      exitCode: exitCode ?? undefined,
      killedBy: killedBy ?? undefined,
      output: Buffer.concat(kept),
      messages: messages.text(),
    };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function missing(program: string, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== "ENOENT" && code !== "EACCES") return cause;
  return new FfmpegMissingError(
    `there is no program ${JSON.stringify(program)} that can be run: install ffmpeg (apt-get install ffmpeg, brew install ffmpeg, npm i @ffmpeg-installer/ffmpeg @ffprobe-installer/ffprobe), or say where it is (ffmpegPath and ffprobePath; FFMPEG_PATH and FFPROBE_PATH)`,
    { details: { program }, cause },
  );
}
