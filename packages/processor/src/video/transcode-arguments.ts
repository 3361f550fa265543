import { extname } from "node:path";

import { toMilliseconds, type Duration } from "@infra/interfaces";

import { checkNumber, checkWord } from "../check-argument.js";

/** What a file can be made into. */
export type MediaContainer = "mp4" | "webm" | "mkv" | "mov" | "m4a" | "mp3" | "ogg" | "wav" | "gif";

/** What is made of the picture. */
export interface VideoTrackOptions {
  /** `copy` takes it over as it is. @default h264; vp9 for WebM */
  readonly codec?: "h264" | "hevc" | "vp9" | "av1" | "copy";
  /** It is never enlarged, and keeps its shape. */
  readonly width?: number;
  readonly height?: number;
  readonly framesPerSecond?: number;
  /** CRF: less is better and larger; 0 to 63. @default the encoder's own */
  readonly quality?: number;
  readonly bitsPerSecond?: number;
  /** How hard the encoder tries: `small` takes much longer. @default "balanced" */
  readonly effort?: "fast" | "balanced" | "small";
}

/** What is made of the sound. */
export interface AudioTrackOptions {
  /** @default by the container: aac, opus, mp3, … */
  readonly codec?: "aac" | "opus" | "mp3" | "vorbis" | "flac" | "pcm" | "copy";
  readonly bitsPerSecond?: number;
  readonly channels?: number;
  readonly samplesPerSecond?: number;
}

/** What to make of video or audio. */
export interface TranscodeOperations {
  /** @default by the extension of the path */
  readonly container?: MediaContainer;
  /** `false` leaves the picture out. */
  readonly video?: VideoTrackOptions | false;
  /** `false` leaves the sound out. */
  readonly audio?: AudioTrackOptions | false;
  /** Where it begins. @default 0 */
  readonly start?: Duration;
  /** How long it becomes. @default to the end */
  readonly duration?: Duration;
  /** Whether title, place, camera and the like are kept. @default "strip" */
  readonly metadata?: "strip" | "keep";
  /** Further arguments for ffmpeg, put before the output; the caller's own responsibility. */
  readonly arguments?: readonly string[];
}

const containers: Readonly<
  Record<
    MediaContainer,
    {
      readonly muxer: string;
      readonly video?: NonNullable<VideoTrackOptions["codec"]> | "gif";
      readonly audio?: NonNullable<AudioTrackOptions["codec"]>;
    }
  >
> = {
  mp4: { muxer: "mp4", video: "h264", audio: "aac" },
  mov: { muxer: "mov", video: "h264", audio: "aac" },
  mkv: { muxer: "matroska", video: "h264", audio: "aac" },
  webm: { muxer: "webm", video: "vp9", audio: "opus" },
  gif: { muxer: "gif", video: "gif" },
  m4a: { muxer: "ipod", audio: "aac" },
  mp3: { muxer: "mp3", audio: "mp3" },
  ogg: { muxer: "ogg", audio: "opus" },
  wav: { muxer: "wav", audio: "pcm" },
};

const videoEncoders = {
  h264: "libx264",
  hevc: "libx265",
  vp9: "libvpx-vp9",
  av1: "libaom-av1",
  gif: "gif",
  copy: "copy",
} as const;

const audioEncoders = {
  aac: "aac",
  opus: "libopus",
  mp3: "libmp3lame",
  vorbis: "libvorbis",
  flac: "flac",
  pcm: "pcm_s16le",
  copy: "copy",
} as const;

/** What the file at a path is to be. @throws RangeError for an extension that is none of them */
export function containerOf(path: string, container: MediaContainer | undefined): MediaContainer {
  const names = Object.keys(containers) as MediaContainer[];
  if (container !== undefined) return checkWord(container, "container", names);
  return checkWord(
    extname(path).slice(1).toLowerCase() as MediaContainer,
    "the extension of the path",
    names,
  );
}

/** The arguments for where in the input to begin; before `-i`. */
export function startArguments({ start }: TranscodeOperations): string[] {
  return start === undefined ? [] : ["-ss", seconds(start, "start")];
}

/** The arguments that say what comes out; after `-i`, before the path. @throws RangeError for what can't be */
export function transcodeArguments(
  container: MediaContainer,
  operations: TranscodeOperations,
): string[] {
  const { muxer, video: videoCodec, audio: audioCodec } = containers[container];
  const { video = {}, audio = {}, duration, metadata = "strip" } = operations;
  return [
    ...(duration === undefined ? [] : ["-t", seconds(duration, "duration")]),
    ...(video === false || !videoCodec
      ? ["-vn"]
      : ["-map", "0:v:0?", ...videoArguments(video, videoCodec)]),
    ...(audio === false || !audioCodec
      ? ["-an"]
      : ["-map", "0:a:0?", ...audioArguments(audio, audioCodec)]),
    "-sn",
    "-dn",
    ...(metadata === "strip"
      ? ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
      : []),
    // the index first, so that it plays before all of it is there
    ...(muxer === "mp4" || muxer === "mov" || muxer === "ipod" ? ["-movflags", "+faststart"] : []),
    ...(operations.arguments ?? []),
    "-f",
    muxer,
  ];
}

function videoArguments(
  options: VideoTrackOptions,
  byContainer: keyof typeof videoEncoders,
): string[] {
  const codec = options.codec ?? byContainer;
  const encoder = videoEncoders[codec];
  if (encoder === undefined) {
    checkWord(codec, "video.codec", Object.keys(videoEncoders) as never[]);
  }
  if (codec === "copy") return ["-c:v", "copy"];
  const { framesPerSecond, quality, bitsPerSecond, effort = "balanced" } = options;
  const filters = [
    ...(framesPerSecond === undefined
      ? []
      : [
          `fps=${checkNumber(framesPerSecond, "video.framesPerSecond", { least: 0.01, most: 240, whole: false })}`,
        ]),
    scaleFilter(options),
  ];
  return [
    "-c:v",
    encoder,
    "-vf",
    filters.join(","),
    ...(codec === "gif" ? [] : ["-pix_fmt", "yuv420p"]),
    ...(quality === undefined
      ? []
      : ["-crf", String(checkNumber(quality, "video.quality", { least: 0, most: 63 }))]),
    ...(bitsPerSecond === undefined
      ? codec === "vp9" || codec === "av1"
        ? ["-b:v", "0"]
        : []
      : ["-b:v", String(checkNumber(bitsPerSecond, "video.bitsPerSecond", { least: 1000 }))]),
    ...effortArguments(codec, effort),
  ];
}

function effortArguments(codec: string, effort: "fast" | "balanced" | "small"): string[] {
  checkWord(effort, "video.effort", ["fast", "balanced", "small"]);
  if (codec === "h264" || codec === "hevc") {
    return ["-preset", { fast: "veryfast", balanced: "medium", small: "slow" }[effort]];
  }
  if (codec === "gif") return [];
  const [speed, deadline] = {
    fast: ["8", "realtime"],
    balanced: ["4", "good"],
    small: ["1", "good"],
  }[effort];
  return codec === "vp9"
    ? ["-deadline", deadline!, "-cpu-used", String(Math.min(5, Number(speed))), "-row-mt", "1"]
    : ["-cpu-used", speed!, "-row-mt", "1"];
}

function even(length: string): string {
  return `trunc(${length}/2)*2`;
}

/** What was asked for, or the side that it has, when that is less. */
function side(value: number | undefined, name: string, own: string): string {
  if (value === undefined) return own;
  return `min(${checkNumber(value, `video.${name}`, { least: 2, most: 16_384 })}\\,${own})`;
}

/** Within the size, never larger than it was, with even sides, which most encoders want. */
export function scaleFilter({ width, height }: VideoTrackOptions): string {
  if (width === undefined && height === undefined) return `scale=${even("iw")}:${even("ih")}`;
  if (height === undefined) return `scale=${even(side(width, "width", "iw"))}:-2`;
  if (width === undefined) return `scale=-2:${even(side(height, "height", "ih"))}`;
  const size = `w=${side(width, "width", "iw")}:h=${side(height, "height", "ih")}`;
  return `scale=${size}:force_original_aspect_ratio=decrease:force_divisible_by=2`;
}

function audioArguments(
  options: AudioTrackOptions,
  byContainer: keyof typeof audioEncoders,
): string[] {
  const codec = checkWord(
    options.codec ?? byContainer,
    "audio.codec",
    Object.keys(audioEncoders) as (keyof typeof audioEncoders)[],
  );
  const { bitsPerSecond, channels, samplesPerSecond } = options;
  return [
    "-c:a",
    audioEncoders[codec],
    ...number("-b:a", bitsPerSecond, "bitsPerSecond", 10_000_000),
    ...number("-ac", channels, "channels", 64),
    ...number("-ar", samplesPerSecond, "samplesPerSecond", 768_000),
  ];
}

function number(flag: string, value: number | undefined, name: string, most: number): string[] {
  if (value === undefined) return [];
  return [flag, String(checkNumber(value, `audio.${name}`, { least: 1, most }))];
}

/** A duration as ffmpeg wants it. */
export function seconds(duration: Duration, name: string): string {
  return (toMilliseconds(duration, name) / 1000).toFixed(3);
}
