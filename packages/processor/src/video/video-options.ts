import { toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";

import { checkNumber } from "../check-argument.js";
import { limitError } from "../limit-error.js";
import type { FfmpegPaths } from "./ffmpeg-programs.js";
import type { MediaMetadata } from "./probe-media.js";

/** Options of {@link VideoService}. */
export interface VideoServiceOptions {
  /** The program ffmpeg. @default the one in the PATH, else that of `@ffmpeg-installer/ffmpeg` */
  readonly ffmpegPath?: string;
  /** The program ffprobe. @default the one beside ffmpeg, else as for ffmpeg */
  readonly ffprobePath?: string;
  /** Whether `start()` fails without the programs; if not, `available()` tells, and every call rejects. @default true */
  readonly required?: boolean;
  /** The bytes that come in. @default "4gb" */
  readonly maxInputSize?: ByteSize;
  /** How long it may play. @default "4h" */
  readonly maxDuration?: Duration;
  /** The pixels of one picture. @default 36,000,000 */
  readonly maxPixels?: number;
  /** The bytes that are made. @default "4gb" */
  readonly maxOutputSize?: ByteSize;
  /** How long one call may take, from its turn on. @default "1h" */
  readonly timeout?: Duration;
  /** How many ffmpeg processes run at once. @default 1 */
  readonly concurrency?: number;
  /** How many calls may wait for their turn; one more is refused. @default 100 */
  readonly maxWaiting?: number;
  /** How many threads one ffmpeg may use; 0 lets it choose. @default 0 */
  readonly threads?: number;
}

/** The options with every default filled in. */
export interface ResolvedVideoOptions {
  readonly paths: FfmpegPaths;
  readonly required: boolean;
  readonly maxInputBytes: number;
  readonly maxDurationMs: number;
  readonly maxPixels: number;
  readonly maxOutputBytes: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly maxWaiting: number;
  readonly threads: number;
}

/** Fills in the defaults. @throws RangeError naming the option that can't be */
export function resolveVideoOptions(options: VideoServiceOptions): ResolvedVideoOptions {
  const { ffmpegPath, ffprobePath } = options;
  return {
    paths: { ffmpegPath, ffprobePath },
    required: options.required ?? true,
    maxInputBytes: toBytes(options.maxInputSize ?? "4gb", "maxInputSize"),
    maxDurationMs: toMilliseconds(options.maxDuration ?? "4h", "maxDuration"),
    maxPixels: checkNumber(options.maxPixels ?? 36_000_000, "maxPixels", { least: 1 }),
    maxOutputBytes: toBytes(options.maxOutputSize ?? "4gb", "maxOutputSize"),
    timeoutMs: toMilliseconds(options.timeout ?? "1h", "timeout"),
    concurrency: checkNumber(options.concurrency ?? 1, "concurrency", { least: 1 }),
    maxWaiting: checkNumber(options.maxWaiting ?? 100, "maxWaiting", { least: 0 }),
    threads: checkNumber(options.threads ?? 0, "threads", { least: 0, most: 1024 }),
  };
}

/** Holds what a file says of itself against the limits. @throws LimitExceededError */
export function checkMedia(
  { durationMs = 0, video }: MediaMetadata,
  { maxDurationMs, maxPixels }: ResolvedVideoOptions,
): void {
  if (durationMs > maxDurationMs) {
    throw limitError({
      what: "the file",
      limit: "maxDuration",
      allowed: maxDurationMs,
      found: durationMs,
      unit: "ms",
    });
  }
  const found = video ? video.width * video.height : 0;
  if (found > maxPixels) {
    throw limitError({
      what: "the picture",
      limit: "maxPixels",
      allowed: maxPixels,
      found,
      unit: "pixels",
    });
  }
}
