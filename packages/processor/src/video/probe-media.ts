import { CorruptInputError } from "../errors.js";
import { ffmpegError } from "./ffmpeg-error.js";
import type { FfmpegPrograms } from "./ffmpeg-programs.js";
import { safeInput } from "./safe-input.js";

/** The picture of a file. */
export interface VideoTrack {
  readonly codec: string;
  /** Pixels, as it is shown: turned by `rotation` already. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond?: number;
  /** Degrees, clockwise. */
  readonly rotation: number;
  readonly bitsPerSecond?: number;
  readonly pixelFormat?: string;
}

/** The sound of a file. */
export interface AudioTrack {
  readonly codec: string;
  readonly channels: number;
  readonly samplesPerSecond: number;
  readonly bitsPerSecond?: number;
}

/** What a file says of itself. */
export interface MediaMetadata {
  /** As ffmpeg calls it: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, … */
  readonly format: string;
  readonly sizeBytes: number;
  /** Missing where the file does not say. */
  readonly durationMs?: number;
  readonly bitsPerSecond?: number;
  /** The first of its kind. */
  readonly video?: VideoTrack;
  readonly audio?: AudioTrack;
  /** All tracks, subtitles and data too. */
  readonly tracks: number;
  /** Title, artist, … as they stand in the file. */
  readonly tags: Readonly<Record<string, string>>;
}

interface ProbedStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly avg_frame_rate?: string;
  readonly bit_rate?: string;
  readonly pix_fmt?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: { readonly rotate?: string };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface Probed {
  readonly format?: {
    readonly format_name?: string;
    readonly duration?: string;
    readonly bit_rate?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly streams?: readonly ProbedStream[];
}

/** What a file says of itself, by ffprobe. @throws UnsupportedFormatError, CorruptInputError, FfmpegMissingError */
export async function probeMedia(
  programs: FfmpegPrograms,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  signal: AbortSignal,
): Promise<MediaMetadata> {
  const args = ["-hide_banner", "-loglevel", "error", "-print_format", "json"];
  const end = await programs.run(
    "ffprobe",
    [...args, "-show_format", "-show_streams", ...safeInput(path)],
    { signal, maxOutputBytes: 4 * 1024 ** 2 },
  );
  if (end.exitCode !== 0) throw ffmpegError("ffprobe", end);
  const { format = {}, streams = [] } = JSON.parse(end.output.toString("utf8")) as Probed;
  const video = streams.find(
    (each) => each.codec_type === "video" && each.disposition?.attached_pic !== 1,
  );
  const audio = streams.find((each) => each.codec_type === "audio");
  if (!video && !audio) throw new CorruptInputError("the file has neither video nor audio");
  return {
    format: format.format_name ?? "unknown",
    sizeBytes,
    ...given("durationMs", number(format.duration, 1000)),
    ...given("bitsPerSecond", number(format.bit_rate)),
    ...(video && { video: videoTrack(video) }),
    ...(audio && { audio: audioTrack(audio) }),
    tracks: streams.length,
    tags: format.tags ?? {},
  };
}

function videoTrack(stream: ProbedStream): VideoTrack {
  const counterClockwise = stream.side_data_list?.find((each) => each.rotation)?.rotation ?? 0;
  const rotation = (((-counterClockwise || Number(stream.tags?.rotate ?? 0)) % 360) + 360) % 360;
  const { width = 0, height = 0 } = stream;
  const turned = rotation % 180 !== 0;
  const [frames, seconds] = (stream.avg_frame_rate ?? "").split("/").map(Number);
  return {
    codec: stream.codec_name ?? "unknown",
    width: turned ? height : width,
    height: turned ? width : height,
    rotation,
    ...given("framesPerSecond", frames && seconds ? frames / seconds : undefined),
    ...given("bitsPerSecond", number(stream.bit_rate)),
    ...given("pixelFormat", stream.pix_fmt),
  };
}

function audioTrack(stream: ProbedStream): AudioTrack {
  return {
    codec: stream.codec_name ?? "unknown",
    channels: stream.channels ?? 0,
    samplesPerSecond: number(stream.sample_rate) ?? 0,
    ...given("bitsPerSecond", number(stream.bit_rate)),
  };
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in K]?: V });
}

function number(text: string | undefined, factor = 1): number | undefined {
  const value = Number(text) * factor;
  return text !== undefined && Number.isFinite(value) ? value : undefined;
}
