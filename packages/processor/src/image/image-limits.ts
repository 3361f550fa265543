import { toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";

import { checkNumber, checkWord } from "../check-argument.js";
import { limitError } from "../limit-error.js";
import { imageInputFormats, type ImageInputFormat } from "./image-format.js";
import type { ImageSize } from "./planned-size.js";

/** What an image may be: held against what it says of itself, before anything is decoded. */
export interface ImageLimits {
  /** The bytes that come in. @default "50mb" */
  readonly maxInputSize?: ByteSize;
  /** The pixels of all frames together. @default 100,000,000 */
  readonly maxPixels?: number;
  /** The frames of an animation, the pages of a TIFF. @default 1000 */
  readonly maxFrames?: number;
  /** The pixels of what is made, of all its frames together. @default 100,000,000 */
  readonly maxOutputPixels?: number;
  /** The bytes of what is made. @default "50mb" */
  readonly maxOutputSize?: ByteSize;
  /** The bytes of an SVG. @default "4mb" */
  readonly maxSvgSize?: ByteSize;
  /** The elements of an SVG, those counted again that are used again. @default 50,000 */
  readonly maxSvgElements?: number;
  /** How long one call may take, from its turn on. @default "30s" */
  readonly timeout?: Duration;
  /** The formats that are read, by what the content is. @default all */
  readonly formats?: readonly ImageInputFormat[];
  /**
   * SVG that refers to files or hosts, or holds scripts: `strict` refuses it, `clean` goes on without those parts, `refuse`
   * takes no SVG at all. @default "strict"
   */
  readonly svg?: "strict" | "clean" | "refuse";
  /** What is damaged: how much of it makes the image an error, as sharp has it. @default "warning" */
  readonly failOn?: "none" | "truncated" | "error" | "warning";
}

/** The limits as numbers. */
export interface ResolvedImageLimits {
  readonly maxInputBytes: number;
  readonly maxPixels: number;
  readonly maxFrames: number;
  readonly maxOutputPixels: number;
  readonly maxOutputBytes: number;
  readonly maxSvgBytes: number;
  readonly maxSvgElements: number;
  readonly timeoutMs: number;
  readonly formats: readonly ImageInputFormat[];
  readonly svg: "strict" | "clean" | "refuse";
  readonly failOn: "none" | "truncated" | "error" | "warning";
}

/** The limits, with the defaults filled in. @throws RangeError naming the one that can't be */
export function resolveLimits(limits: ImageLimits): ResolvedImageLimits {
  const { formats = imageInputFormats } = limits;
  for (const format of formats) checkWord(format, "formats", imageInputFormats);
  return {
    maxInputBytes: toBytes(limits.maxInputSize ?? "50mb", "maxInputSize"),
    maxPixels: checkNumber(limits.maxPixels ?? 100_000_000, "maxPixels", { least: 1 }),
    maxFrames: checkNumber(limits.maxFrames ?? 1000, "maxFrames", { least: 1 }),
    maxOutputPixels: checkNumber(limits.maxOutputPixels ?? 100_000_000, "maxOutputPixels", {
      least: 1,
    }),
    maxOutputBytes: toBytes(limits.maxOutputSize ?? "50mb", "maxOutputSize"),
    maxSvgBytes: toBytes(limits.maxSvgSize ?? "4mb", "maxSvgSize"),
    maxSvgElements: checkNumber(limits.maxSvgElements ?? 50_000, "maxSvgElements", { least: 1 }),
    timeoutMs: toMilliseconds(limits.timeout ?? "30s", "timeout"),
    formats,
    svg: checkWord(limits.svg ?? "strict", "svg", ["strict", "clean", "refuse"]),
    failOn: checkWord(limits.failOn ?? "warning", "failOn", [
      "none",
      "truncated",
      "error",
      "warning",
    ]),
  };
}

/** @throws LimitExceededError for more pixels or frames than may come in */
export function checkPixels(
  {
    width,
    height,
    frames,
    decodedFrames,
  }: ImageSize & { readonly frames: number; readonly decodedFrames: number },
  limits: ResolvedImageLimits,
): void {
  const { maxFrames, maxPixels } = limits;
  if (frames > maxFrames) {
    throw limitError({
      what: "the image",
      limit: "maxFrames",
      allowed: maxFrames,
      found: frames,
      unit: "frames",
    });
  }
  const found = width * height * decodedFrames;
  if (found > maxPixels) {
    throw limitError({
      what: "the image",
      limit: "maxPixels",
      allowed: maxPixels,
      found,
      unit: "pixels",
    });
  }
}

/** @throws LimitExceededError for more pixels than may come out */
export function checkOutputPixels(
  { width, height }: ImageSize,
  frames: number,
  { maxOutputPixels: allowed }: ResolvedImageLimits,
): void {
  const found = width * height * frames;
  if (found <= allowed) return;
  throw limitError({
    what: "the result",
    limit: "maxOutputPixels",
    allowed,
    found,
    unit: "pixels",
  });
}
