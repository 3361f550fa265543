import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";

import { FfmpegMissingError } from "../errors.js";
import { ffmpegError } from "./ffmpeg-error.js";
import { runProgram, type ProgramEnd, type RunProgramOptions } from "./run-program.js";

/** Which program. */
export type FfmpegProgram = "ffmpeg" | "ffprobe";

/** Where the programs are. */
export interface FfmpegPaths {
  readonly ffmpegPath?: string | undefined;
  readonly ffprobePath?: string | undefined;
}

/** Gives the path of a program that a package of npm brought along, if it did. */
export type InstalledProgram = (name: FfmpegProgram) => Promise<string | undefined>;

/** Runs ffmpeg and ffprobe, wherever they are: at the path given, in the PATH, or in a package of npm. */
export class FfmpegPrograms {
  readonly #paths: FfmpegPaths;
  readonly #installed: InstalledProgram;
  readonly #found = new Map<FfmpegProgram, string>();
  #missing: Promise<Error | undefined> | undefined;

  constructor(paths: FfmpegPaths, installed: InstalledProgram = installedProgram) {
    this.#paths = paths;
    this.#installed = installed;
  }

  /**
   * Why there is no ffmpeg or no ffprobe; `undefined` when both can be run. Looked for once.
   *
   * @throws FfmpegFailedError when one of them is there, and does not work
   */
  async missing(): Promise<Error | undefined> {
    this.#missing ??= this.#look().catch((error: unknown) => {
      this.#missing = undefined;
      throw error;
    });
    return this.#missing;
  }

  async #look(): Promise<Error | undefined> {
    const { signal } = new AbortController();
    for (const name of ["ffmpeg", "ffprobe"] as const) {
      try {
        const end = await this.run(name, ["-version"], { signal });
        if (end.exitCode !== 0) throw ffmpegError(name, end);
      } catch (error) {
        if (FfmpegMissingError.is(error)) return error;
        throw error;
      }
    }
    return undefined;
  }

  /** @throws FfmpegMissingError; the signal's reason */
  async run(
    name: FfmpegProgram,
    args: readonly string[],
    options: RunProgramOptions,
  ): Promise<ProgramEnd> {
    const known = this.#found.get(name) ?? this.#given(name);
    if (known !== undefined) return runProgram(known, args, options);
    try {
      const end = await runProgram(name, args, options);
      this.#found.set(name, name);
      return end;
    } catch (error) {
      const path = FfmpegMissingError.is(error) ? await this.#installed(name) : undefined;
      if (path === undefined) throw error;
      this.#found.set(name, path);
      return runProgram(path, args, options);
    }
  }

  #given(name: FfmpegProgram): string | undefined {
    const { ffmpegPath, ffprobePath } = this.#paths;
    if (name === "ffmpeg") return ffmpegPath;
    if (ffprobePath !== undefined || ffmpegPath === undefined) return ffprobePath;
    const beside = join(dirname(ffmpegPath), `ffprobe${extname(ffmpegPath)}`);
    return existsSync(beside) ? beside : undefined;
  }
}

/** The program of `@ffmpeg-installer/ffmpeg` or `@ffprobe-installer/ffprobe`. */
async function installedProgram(name: FfmpegProgram): Promise<string | undefined> {
  const installer: string = `@${name}-installer/${name}`;
  try {
    const found = (await import(installer)) as { path?: string; default?: { path?: string } };
    return found.path ?? found.default?.path;
  } catch {
    // it is not installed, or not for this machine: the error of before says what to do
    return undefined;
  }
}
