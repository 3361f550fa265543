import { fork, type ChildProcess } from "node:child_process";

import { fromJSON } from "@infra/errors";

import { processorErrors, SandboxCrashedError, SandboxMemoryError } from "./errors.js";
import { processMemory } from "./sandbox/process-memory.js";
import type { SandboxAnswer, SandboxCall } from "./sandbox/sandbox-messages.js";
import { TextTail } from "./text-tail.js";

/** What a sandbox's process is started with. */
export interface SandboxProcessOptions {
  readonly memoryBytes: number;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How often the memory of a process at work is looked at. */
const memoryIntervalMs = 20;

/** A process that runs one call at a time. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #memoryBytes: number;
  readonly #output = new TextTail(8192);
  readonly #ended: Promise<void>;
  #fail: ((error: Error) => void) | undefined;
  #overMemory = false;
  #alive = true;
  /** How many calls it has begun. */
  calls = 0;

  constructor({ memoryBytes, execArgv, env }: SandboxProcessOptions) {
    this.#memoryBytes = memoryBytes;
    const heap = Math.max(16, Math.floor(memoryBytes / 1024 ** 2));
    const program = import.meta.url.endsWith(".ts")
      ? new URL("./sandbox-child.ts", import.meta.url)
      : new URL("./sandbox-child.js", import.meta.url);
    this.#child = fork(program, {
      serialization: "advanced",
      execArgv: [...execArgv, `--max-old-space-size=${heap}`],
      env: { ...env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr!.on("data", (chunk: Buffer) => this.#output.add(chunk));
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#alive = false;
        this.#fail?.(error);
        resolve();
      });
      this.#child.once("close", (code, signal) => {
        this.#alive = false;
        this.#fail?.(this.#ending(code, signal));
        resolve();
      });
    });
    this.#rest();
  }

  /** Whether it can take a call. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs a call; when the signal aborts, the process is killed. */
  async run(call: SandboxCall, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    this.calls += 1;
    this.#child.ref();
    this.#child.channel?.ref();
    const watching = setInterval(() => void this.#checkMemory(), memoryIntervalMs);
    const kill = (): void => void this.kill();
    signal.addEventListener("abort", kill, { once: true });
    try {
      const answer = await new Promise<SandboxAnswer>((resolve, reject) => {
        this.#fail = (error) => reject(signal.aborted ? signal.reason : error);
        this.#child.once("message", (message) => resolve(message as SandboxAnswer));
        this.#child.send(call, (error) => error && reject(error));
      });
      if (answer.ok) return answer.value;
      throw fromJSON(answer.error, processorErrors);
    } finally {
      clearInterval(watching);
      signal.removeEventListener("abort", kill);
      this.#fail = undefined;
      this.#child.removeAllListeners("message");
      this.#rest();
    }
  }

  /** Kills it, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#alive = false;
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Idle, it does not keep this process alive. */
  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    (this.#child.stderr as { unref?: () => void } | null)?.unref?.();
  }

  async #checkMemory(): Promise<void> {
    const bytes = await processMemory(this.#child.pid ?? 0);
    if (bytes === undefined || bytes <= this.#memoryBytes || !this.#alive) return;
    this.#overMemory = true;
    void this.kill();
  }

  #ending(code: number | null, signal: NodeJS.Signals | null): Error {
    const output = this.#output.text();
    if (this.#overMemory || output.includes("JavaScript heap out of memory")) {
      const memoryBytes = this.#memoryBytes;
      return new SandboxMemoryError(
        `the work in the sandbox took more than ${memoryBytes} bytes (memory), and was killed`,
        { details: { memoryBytes }, publicMessage: "This takes more memory than it may." },
      );
    }
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    return new SandboxCrashedError(`the process of the sandbox ended ${how}`, {
      details: {
        output,
        ...(code !== null && { exitCode: code }),
        ...(signal !== null && { killedBy: signal }),
      },
    });
  }
}
