import { toMilliseconds, type Duration } from "@infra/interfaces";

import { UnsupportedFormatError } from "../errors.js";
import { ffmpegError } from "./ffmpeg-error.js";
import type { FfmpegPrograms } from "./ffmpeg-programs.js";
import type { MediaMetadata } from "./probe-media.js";
import { quietArguments, safeInput } from "./safe-input.js";
import { scaleFilter } from "./transcode-arguments.js";

/** Options of `VideoService.thumbnail`. */
export interface VideoThumbnailOptions {
  /** Which picture. @default a tenth of the way through */
  readonly at?: Duration;
  /** It is never enlarged, and keeps its shape. */
  readonly width?: number;
  readonly height?: number;
  /** @default "jpeg" */
  readonly format?: "jpeg" | "png";
  readonly signal?: AbortSignal | undefined;
}

/** A picture of a video. */
export interface VideoThumbnail {
  readonly data: Buffer;
  readonly format: "jpeg" | "png";
  readonly contentType: "image/jpeg" | "image/png";
  readonly sizeBytes: number;
  /** Where it stands in the video. */
  readonly atMs: number;
}

/** @throws RangeError when `at` is behind the end; UnsupportedFormatError for sound alone; what ffmpeg's errors become */
export async function videoThumbnail(
  programs: FfmpegPrograms,
  path: string,
  { video, durationMs, format: container }: MediaMetadata,
  options: VideoThumbnailOptions,
  { signal, maxOutputBytes }: { readonly signal: AbortSignal; readonly maxOutputBytes: number },
): Promise<VideoThumbnail> {
  if (!video) {
    throw new UnsupportedFormatError("there is no picture in it, only sound", {
      details: { type: container, allowed: ["video"] },
    });
  }
  const { format = "jpeg" } = options;
  const atMs = options.at === undefined ? (durationMs ?? 0) / 10 : toMilliseconds(options.at, "at");
  if (durationMs !== undefined && atMs >= durationMs) {
    throw new RangeError(`at must lie before the end, at ${durationMs} ms; got ${atMs} ms`);
  }
  const codec = format === "jpeg" ? ["-c:v", "mjpeg", "-q:v", "3"] : ["-c:v", "png"];
  const args = [
    ...quietArguments,
    "-ss",
    (atMs / 1000).toFixed(3),
    ...safeInput(path),
    "-map",
    "0:v:0",
    "-frames:v",
    "1",
    "-vf",
    scaleFilter(options),
    "-map_metadata",
    "-1",
    ...codec,
    "-f",
    "image2pipe",
    "pipe:1",
  ];
  const end = await programs.run("ffmpeg", args, { signal, maxOutputBytes });
  if (end.exitCode !== 0 || end.output.length === 0) throw ffmpegError("ffmpeg", emptyIs(end));
  const data = end.output;
  return { data, format, contentType: `image/${format}`, sizeBytes: data.length, atMs };
}

/** ffmpeg ends well when there is no picture to be had. */
function emptyIs<E extends { readonly exitCode: number | undefined; readonly messages: string }>(
  end: E,
): E {
  return end.exitCode === 0 ? { ...end, messages: `${end.messages}\nOutput file is empty` } : end;
}
