import { applyGeometry } from "./apply-operations.js";
import type { ImageContext } from "./image-context.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { ImageOperations } from "./image-operations.js";
import type { SourceImage } from "./inspect-image.js";
import { makeImage, openSource, outputFrames } from "./make-image.js";
import { plannedSize } from "./planned-size.js";
import type { ProcessedImage } from "./processed-image.js";
import { maxRawBytes, rawPixels, type RawPixels } from "./raw-pixels.js";

/**
 * Makes several images of one, the largest first. The source is decoded once, and scaled once to the largest of them, where
 * that is enough for the others.
 */
export async function makeImages(
  context: ImageContext,
  source: SourceImage,
  list: readonly ImageOperations[],
): Promise<ProcessedImage[]> {
  const { metadata } = source;
  const shared = sharedScale(metadata, list);
  const base = shared && (await sharedBase(context, source, shared.scale));
  const results: ProcessedImage[] = [];
  const order = list
    .map((operations, at) => ({ operations, at, pixels: pixelsOf(metadata, operations) }))
    .toSorted((a, b) => b.pixels - a.pixels);
  await Promise.all(
    order.map(async ({ operations, at }) => {
      const own = base && shared.among.has(operations) ? base : undefined;
      results[at] = await makeImage(context, source, operations, own);
    }),
  );
  return results;
}

interface Shared {
  readonly scale: number;
  readonly among: ReadonlySet<ImageOperations>;
}

/** Scaling down by less than this, what has been scaled already, would show. */
const leastFurtherScale = 0.75;

/** Which of them can be made of the largest one's pixels; `undefined` when it would not pay. */
function sharedScale(
  metadata: ImageMetadata,
  list: readonly ImageOperations[],
): Shared | undefined {
  const scaled = list
    .filter((each) => canShare(metadata, each))
    .map((operations) => ({ operations, scale: scaleOf(metadata, operations) }));
  const scale = Math.max(...scaled.map((each) => each.scale));
  const among = scaled.filter(
    (each) => each.scale === scale || each.scale <= scale * leastFurtherScale,
  );
  const bytes = metadata.width * metadata.height * scale * scale * 4;
  if (among.length < 2 || bytes > maxRawBytes) return undefined;
  return { scale, among: new Set(among.map(({ operations }) => operations)) };
}

function canShare(metadata: ImageMetadata, operations: ImageOperations): boolean {
  const { crop, rotate = 0, mirror, metadata: kept = "strip", position } = operations;
  const looks = position === "attention" || position === "entropy";
  const plain = !crop && rotate === 0 && mirror === undefined && kept === "strip" && !looks;
  return plain && outputFrames(metadata, operations) === 1;
}

/** By how much an image is scaled before anything is cut off, at most to its own size. */
function scaleOf({ width, height }: ImageMetadata, operations: ImageOperations): number {
  const { fit = "inside" } = operations;
  const scales = [
    operations.width === undefined ? undefined : operations.width / width,
    operations.height === undefined ? undefined : operations.height / height,
  ].filter((scale) => scale !== undefined);
  if (scales.length === 0) return 1;
  const least = fit === "inside" || fit === "contain";
  return Math.min(1, least ? Math.min(...scales) : Math.max(...scales));
}

async function sharedBase(
  context: ImageContext,
  source: SourceImage,
  scale: number,
): Promise<RawPixels> {
  const { metadata } = source;
  const upright = applyGeometry(openSource(context, source, 1), metadata, {});
  if (scale === 1) return rawPixels(context, upright);
  const width = Math.max(1, Math.round(metadata.width * scale));
  const height = Math.max(1, Math.round(metadata.height * scale));
  return rawPixels(context, upright.resize({ width, height, fit: "fill" }));
}

function pixelsOf(metadata: ImageMetadata, operations: ImageOperations): number {
  const { width, height } = plannedSize(metadata, operations);
  return width * height * outputFrames(metadata, operations);
}
