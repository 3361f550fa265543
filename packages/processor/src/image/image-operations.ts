import { toBytes, type ByteSize } from "@infra/interfaces";

import { checkNumber, checkWord } from "../check-argument.js";
import { imageFormats, type ImageFormat } from "./image-format.js";

/** A part of an image, in pixels. */
export interface ImageRegion {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where something stands in an image. `attention` and `entropy` look for the part worth seeing. */
export type ImagePosition = (typeof positions)[number];

/** An image laid over another. */
export interface Watermark {
  readonly image: Uint8Array;
  /** @default "right bottom" */
  readonly position?: Exclude<ImagePosition, "attention" | "entropy">;
  /** Its width as a part of the image's, from 0 to 1. @default 0.2 */
  readonly width?: number;
  /** From 0, which can't be seen, to 1. @default 1 */
  readonly opacity?: number;
  /** How far from the edges, as a part of the image's width. @default 0.02 */
  readonly margin?: number;
  /** Whether it is repeated all over the image. @default false */
  readonly tile?: boolean;
}

/** What to do that has no word here, with sharp's own methods. */
export interface CustomOperation {
  /** What it is called in the key of a derivative: another name for another work. */
  readonly name: string;
  /** Called with the `Sharp` after the resizing; returns it, or another. */
  readonly apply: (pipeline: unknown) => unknown;
}

/**
 * What to make of an image. It is turned upright first (Exif), then, in this order and whatever order they stand in: `crop`,
 * `rotate`, `mirror`, resized, `blur`, `sharpen`, `greyscale`, `custom`, `watermark`, and encoded.
 */
export interface ImageOperations {
  /** The name of a preset, whose operations stand where there are no others. */
  readonly preset?: string;
  /** What is kept, of the upright image. */
  readonly crop?: ImageRegion;
  /** Degrees, clockwise. */
  readonly rotate?: 0 | 90 | 180 | 270;
  /** Left for right, or top for bottom. */
  readonly mirror?: "horizontal" | "vertical";
  readonly width?: number;
  readonly height?: number;
  /**
   * With both `width` and `height`: `inside` is as large as fits, `outside` as small as covers, `cover` is cut to the size,
   * `contain` is filled up to it, `fill` is stretched. @default "inside"
   */
  readonly fit?: "inside" | "outside" | "cover" | "contain" | "fill";
  /** What is kept by `cover`, or where `contain` puts the image. @default "centre" */
  readonly position?: ImagePosition;
  /** Whether it may become larger than it is. @default false */
  readonly enlarge?: boolean;
  /** What shows through: of `contain`, and of a JPEG that was transparent. @default transparent; white for JPEG */
  readonly background?: string;
  /** Sigma, 0.3 to 1000. */
  readonly blur?: number;
  readonly sharpen?: boolean;
  readonly greyscale?: boolean;
  readonly custom?: CustomOperation;
  readonly watermark?: Watermark;
  /** @default that of the image; PNG for SVG */
  readonly format?: ImageFormat;
  /** 1 to 100. A PNG gets a palette by it; GIF and lossless images have none. @default 80; 50 for AVIF */
  readonly quality?: number;
  /** The best quality, up to `quality`, with which the image is no larger than this: for JPEG, WebP and AVIF. */
  readonly targetSize?: ByteSize;
  /** Below this quality `targetSize` gives up. @default 20 */
  readonly minQuality?: number;
  /** For WebP and AVIF. @default false */
  readonly lossless?: boolean;
  /** How hard the encoder tries: `small` takes much longer. @default "balanced" */
  readonly effort?: "fast" | "balanced" | "small";
  /** What is kept of Exif (position, camera), XMP and ICC: nothing, the colour profile, or all. @default "strip" */
  readonly metadata?: "strip" | "colour" | "keep";
  /** Whether all frames are kept, where the format can. @default true */
  readonly animated?: boolean;
  /** Further options of the encoder, as sharp has them. */
  readonly encoder?: Readonly<Record<string, unknown>>;
}

const positions = [
  "centre",
  "top",
  "right top",
  "right",
  "right bottom",
  "bottom",
  "left bottom",
  "left",
  "left top",
  "attention",
  "entropy",
] as const;

const names = new Set<string>([
  "preset",
  "crop",
  "rotate",
  "mirror",
  "width",
  "height",
  "fit",
  "position",
  "enlarge",
  "background",
  "blur",
  "sharpen",
  "greyscale",
  "custom",
  "watermark",
  "format",
  "quality",
  "targetSize",
  "minQuality",
  "lossless",
  "effort",
  "metadata",
  "animated",
  "encoder",
] satisfies (keyof ImageOperations)[]);

/** The widest and highest that an image can be made. */
const maxSide = 65_535;

/**
 * Operations with their preset filled in, checked.
 *
 * @throws TypeError or RangeError naming the operation and the value.
 */
export function resolveOperations(
  given: ImageOperations,
  presets: Readonly<Record<string, ImageOperations>>,
): ImageOperations {
  const { preset: presetName, ...own } = given;
  const preset = presetName === undefined ? {} : presetOf(presetName, presets);
  const defined = Object.entries(own).filter(([, value]) => value !== undefined);
  const all: ImageOperations = { ...preset, ...Object.fromEntries(defined) };
  for (const name of Object.keys(all)) {
    if (!names.has(name)) throw new TypeError(`there is no operation ${JSON.stringify(name)}`);
  }
  if (all.crop) checkRegion(all.crop);
  if (all.rotate !== undefined)
    checkWord(all.rotate as never, "rotate", [0, 90, 180, 270] as never);
  if (all.mirror !== undefined) checkWord(all.mirror, "mirror", ["horizontal", "vertical"]);
  for (const side of ["width", "height"] as const) {
    if (all[side] !== undefined) checkNumber(all[side], side, { least: 1, most: maxSide });
  }
  if (all.fit) checkWord(all.fit, "fit", ["inside", "outside", "cover", "contain", "fill"]);
  if (all.position) checkWord(all.position, "position", positions);
  if (all.blur !== undefined)
    checkNumber(all.blur, "blur", { least: 0.3, most: 1000, whole: false });
  if (all.format) checkWord(all.format, "format", imageFormats);
  for (const quality of ["quality", "minQuality"] as const) {
    if (all[quality] !== undefined) checkNumber(all[quality], quality, { least: 1, most: 100 });
  }
  if (all.targetSize !== undefined) {
    checkNumber(toBytes(all.targetSize, "targetSize"), "targetSize", { least: 1 });
  }
  if (all.effort) checkWord(all.effort, "effort", ["fast", "balanced", "small"]);
  if (all.metadata) checkWord(all.metadata, "metadata", ["strip", "colour", "keep"]);
  if (all.watermark) checkWatermark(all.watermark);
  if (
    all.custom &&
    (typeof all.custom.name !== "string" || typeof all.custom.apply !== "function")
  ) {
    throw new TypeError("custom must be { name, apply }, a text and a function");
  }
  return all;
}

function presetOf(
  name: string,
  presets: Readonly<Record<string, ImageOperations>>,
): ImageOperations {
  if (Object.hasOwn(presets, name)) return presets[name]!;
  const known = Object.keys(presets).join(", ");
  throw new RangeError(`there is no preset ${JSON.stringify(name)}: there are ${known}`);
}

function checkRegion(crop: ImageRegion): void {
  checkNumber(crop.left, "crop.left", { least: 0 });
  checkNumber(crop.top, "crop.top", { least: 0 });
  checkNumber(crop.width, "crop.width", { least: 1 });
  checkNumber(crop.height, "crop.height", { least: 1 });
}

function checkWatermark({ image, width, opacity, margin, position }: Watermark): void {
  if (!ArrayBuffer.isView(image)) throw new TypeError("watermark.image must be bytes");
  const part = { least: 0, most: 1, whole: false };
  if (width !== undefined) checkNumber(width, "watermark.width", { ...part, least: 0.001 });
  if (opacity !== undefined) checkNumber(opacity, "watermark.opacity", part);
  if (margin !== undefined) checkNumber(margin, "watermark.margin", part);
  if (position !== undefined) checkWord(position, "watermark.position", positions);
}
