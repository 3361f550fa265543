import { linkSignals } from "@infra/promises";

import { limitError } from "../limit-error.js";
import { notify } from "../notify.js";
import { ffmpegError } from "./ffmpeg-error.js";
import type { FfmpegPrograms } from "./ffmpeg-programs.js";
import { ProgressReader, progressArguments, type MediaProgress } from "./media-progress.js";
import { quietArguments } from "./safe-input.js";

/** One run of ffmpeg that writes files. */
export interface FfmpegRun {
  /** All arguments behind the common ones. */
  readonly args: readonly string[];
  /** How long the result will be, where that is known. */
  readonly durationMs: number | undefined;
  readonly maxOutputBytes: number;
  /** How much there is on the disk by now. */
  readonly outputBytes: () => Promise<number>;
  readonly onProgress: ((progress: MediaProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs ffmpeg to its end, and ends it when it writes more than it may.
 *
 * @throws LimitExceededError, CorruptInputError, FfmpegFailedError, FfmpegMissingError; the signal's reason
 */
export async function runFfmpeg(programs: FfmpegPrograms, run: FfmpegRun): Promise<void> {
  using link = linkSignals(run.signal);
  const tooLarge = (found: number): Error =>
    limitError({ what: "the result", limit: "maxOutputSize", allowed: run.maxOutputBytes, found });
  const measure = async (): Promise<void> => {
    const bytes = await run.outputBytes();
    if (bytes > run.maxOutputBytes) link.abort(tooLarge(bytes));
  };
  const reader = new ProgressReader(run.durationMs, (progress) => {
    // of a run that ends with an error, no end is told
    if (!link.signal.aborted) notify(run.onProgress, progress);
    if (run.maxOutputBytes < Infinity) measure().catch((error: unknown) => link.abort(error));
  });
  const args = [...quietArguments, ...progressArguments, "-y", ...run.args];
  const end = await programs.run("ffmpeg", args, {
    signal: link.signal,
    onOutput: (chunk) => reader.add(chunk),
  });
  if (end.exitCode !== 0) throw ffmpegError("ffmpeg", end);
  const bytes = await run.outputBytes();
  if (bytes > run.maxOutputBytes) throw tooLarge(bytes);
}
