import { toBytes } from "@infra/interfaces";

import { limitError } from "../limit-error.js";
import { applyEffects, applyGeometry, applyResize } from "./apply-operations.js";
import { defaultQuality, encoderOptions } from "./encoder-options.js";
import type { ImageContext } from "./image-context.js";
import { imageType, type ImageFormat } from "./image-format.js";
import { checkOutputPixels } from "./image-limits.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { ImageOperations } from "./image-operations.js";
import type { SourceImage } from "./inspect-image.js";
import { plannedSize } from "./planned-size.js";
import type { ProcessedImage } from "./processed-image.js";
import { rawPixels, type RawPixels } from "./raw-pixels.js";
import type { Sharp } from "./sharp-module.js";
import { highestQuality } from "./target-size.js";
import { watermarkOverlay } from "./watermark.js";

/** The format that comes out. */
export function outputFormat({ format }: ImageMetadata, operations: ImageOperations): ImageFormat {
  return operations.format ?? (format === "svg" ? "png" : format);
}

/** How many frames come out. */
export function outputFrames(source: ImageMetadata, operations: ImageOperations): number {
  const format = outputFormat(source, operations);
  const moves = operations.animated !== false && (format === "gif" || format === "webp");
  return moves ? source.frames : 1;
}

/** A pipeline over an image, as it came in. */
export function openSource(
  { sharp, limits }: ImageContext,
  { bytes, metadata }: SourceImage,
  frames: number,
): Sharp {
  const { maxPixels, failOn, timeoutMs } = limits;
  const pipeline = sharp(bytes, {
    limitInputPixels: maxPixels,
    failOn,
    ...(frames > 1 && { pages: -1 }),
    ...(metadata.format === "svg" && { density: 72 }),
  });
  // it is not told when nobody waits any more: this is what ends it at last
  const seconds = Math.min(3600, Math.max(1, Math.ceil(timeoutMs / 1000)));
  return timeoutMs === Infinity ? pipeline : pipeline.timeout({ seconds });
}

/**
 * Makes one image of another. `base` is the upright source, scaled already, where several are made of one.
 *
 * @throws LimitExceededError, TargetSizeError, CorruptInputError, …
 */
export async function makeImage(
  context: ImageContext,
  source: SourceImage,
  operations: ImageOperations,
  base?: RawPixels,
): Promise<ProcessedImage> {
  const { metadata } = source;
  const format = outputFormat(metadata, operations);
  const frames = outputFrames(metadata, operations);
  checkOutputPixels(plannedSize(metadata, operations), frames, context.limits);
  const finished = (): Sharp => {
    const upright = base
      ? base.open()
      : applyGeometry(openSource(context, source, frames), metadata, operations);
    const resized = applyResize(upright, operations, format);
    return applyEffects(resized, operations, metadata, format);
  };
  const again = operations.watermark !== undefined || operations.targetSize !== undefined;
  const open = again ? await openAgain(context, operations, frames, finished) : finished;
  if (operations.targetSize === undefined) {
    return bounded(context, await encode(context, open(), format, frames, operations));
  }
  if (format !== "jpeg" && format !== "webp" && format !== "avif") {
    throw new TypeError(`targetSize is for JPEG, WebP and AVIF, not for ${format}`);
  }
  const most = operations.quality ?? defaultQuality[format]!;
  const least = Math.min(most, operations.minQuality ?? 20);
  const targetBytes = toBytes(operations.targetSize, "targetSize");
  const { quality, result } = await highestQuality(targetBytes, { least, most }, async (each) => {
    const made = await encode(context, open(), format, frames, { ...operations, quality: each });
    return { result: made, sizeBytes: made.sizeBytes };
  });
  return bounded(context, { ...result, quality });
}

/** What is not too large. */
function bounded({ limits }: ImageContext, image: ProcessedImage): ProcessedImage {
  const { maxOutputBytes: allowed } = limits;
  if (image.sizeBytes <= allowed) return image;
  const found = image.sizeBytes;
  throw limitError({ what: "the result", limit: "maxOutputSize", allowed, found });
}

/** A pipeline that can be opened several times: over decoded pixels, where nothing but pixels is kept. */
async function openAgain(
  context: ImageContext,
  { watermark, metadata = "strip" }: ImageOperations,
  frames: number,
  finished: () => Sharp,
): Promise<() => Sharp> {
  const onlyPixels = frames === 1 && metadata === "strip";
  const raw = onlyPixels ? await rawPixels(context, finished()) : undefined;
  const open = raw?.open ?? finished;
  if (!watermark) return open;
  const size = raw ?? (await sizeOf(context, finished(), frames));
  const overlay = await watermarkOverlay(context, size, watermark);
  return () => open().composite([overlay]);
}

async function sizeOf(
  { native }: ImageContext,
  pipeline: Sharp,
  frames: number,
): Promise<{ readonly width: number; readonly height: number }> {
  const { info } = await native(() => pipeline.raw().toBuffer({ resolveWithObject: true }));
  return { width: info.width, height: Math.round(info.height / frames) };
}

async function encode(
  { native }: ImageContext,
  pipeline: Sharp,
  format: ImageFormat,
  frames: number,
  operations: ImageOperations,
): Promise<ProcessedImage> {
  const encoder = pipeline.toFormat(format, encoderOptions(format, operations));
  const { data, info } = await native(() => encoder.toBuffer({ resolveWithObject: true }));
  return {
    data,
    format,
    contentType: imageType(format),
    width: info.width,
    height: info.pageHeight ?? info.height,
    frames,
    sizeBytes: data.length,
  };
}
