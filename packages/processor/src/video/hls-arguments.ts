import { join } from "node:path";

import type { Duration } from "@infra/interfaces";

import { checkNumber } from "../check-argument.js";
import type { MediaMetadata } from "./probe-media.js";
import { scaleFilter, seconds } from "./transcode-arguments.js";

/** One size of a stream. */
export interface HlsVariant {
  /** Of the picture; it is never enlarged. */
  readonly height: number;
  readonly videoBitsPerSecond: number;
  /** @default 128,000 */
  readonly audioBitsPerSecond?: number;
  /** What its folder is called. @default "720p" for a height of 720 */
  readonly name?: string;
}

/** The variants that a video is made into when none are named. */
export const hlsVariants: readonly HlsVariant[] = [
  { height: 1080, videoBitsPerSecond: 5_000_000 },
  { height: 720, videoBitsPerSecond: 2_800_000 },
  { height: 480, videoBitsPerSecond: 1_400_000 },
  { height: 360, videoBitsPerSecond: 800_000 },
];

/** The main playlist. */
export const mainPlaylist = "master.m3u8";

/** Those that are no larger than the video, or the smallest. */
export function fittingVariants(
  variants: readonly HlsVariant[],
  { video }: MediaMetadata,
): readonly HlsVariant[] {
  const height = video?.height ?? 0;
  const fitting = variants.filter((each) => each.height <= height);
  if (fitting.length > 0) return fitting;
  return variants.toSorted((a, b) => a.height - b.height).slice(0, 1);
}

/** What a variant's folder is called. @throws RangeError for a name that is no name of a folder */
export function variantName({ name, height }: HlsVariant): string {
  const own = name ?? `${height}p`;
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(own)) return own;
  throw new RangeError(
    `the name of a variant must be letters, digits, "-" and "_", got ${JSON.stringify(own)}`,
  );
}

/** The arguments that make variants of a video, with a playlist each and one over them; after `-i`. */
export function hlsArguments(
  directory: string,
  variants: readonly HlsVariant[],
  { hasAudio, segment }: { readonly hasAudio: boolean; readonly segment: Duration },
): string[] {
  const time = seconds(segment, "segmentDuration");
  const perVariant = variants.flatMap((variant, at) => {
    const video = checkNumber(variant.videoBitsPerSecond, "videoBitsPerSecond", { least: 10_000 });
    const audio = checkNumber(variant.audioBitsPerSecond ?? 128_000, "audioBitsPerSecond", {
      least: 8000,
    });
    return [
      "-map",
      "0:v:0",
      `-filter:v:${at}`,
      scaleFilter({ height: variant.height }),
      `-b:v:${at}`,
      String(video),
      `-maxrate:v:${at}`,
      String(Math.round(video * 1.1)),
      `-bufsize:v:${at}`,
      String(video * 2),
      ...(hasAudio ? ["-map", "0:a:0", `-b:a:${at}`, String(audio)] : []),
    ];
  });
  const streams = variants.map((variant, at) => {
    const sound = hasAudio ? `,a:${at}` : "";
    return `v:${at}${sound},name:${variantName(variant)}`;
  });
  return [
    ...perVariant,
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-pix_fmt",
    "yuv420p",
    ...(hasAudio ? ["-c:a", "aac", "-ac", "2"] : []),
    // each segment begins with a whole picture, or a player could not begin there
    "-force_key_frames",
    `expr:gte(t,n_forced*${time})`,
    "-sc_threshold",
    "0",
    "-map_metadata",
    "-1",
    "-sn",
    "-dn",
    "-f",
    "hls",
    "-hls_time",
    time,
    "-hls_playlist_type",
    "vod",
    "-hls_flags",
    "independent_segments",
    "-hls_segment_type",
    "mpegts",
    "-hls_segment_filename",
    join(directory, "%v", "segment-%05d.ts"),
    "-master_pl_name",
    mainPlaylist,
    "-var_stream_map",
    streams.join(" "),
    join(directory, "%v", "index.m3u8"),
  ];
}
