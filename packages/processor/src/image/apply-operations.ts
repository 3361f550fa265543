import type { ImageFormat } from "./image-format.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { ImageOperations, ImageRegion } from "./image-operations.js";
import type { ImageSize } from "./planned-size.js";
import type { Sharp } from "./sharp-module.js";

const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * What is done before the resizing: upright, cut, turned, mirrored.
 *
 * @throws RangeError when the region is not within the image.
 */
export function applyGeometry(
  pipeline: Sharp,
  source: ImageSize,
  { crop, rotate = 0, mirror }: ImageOperations,
): Sharp {
  const region = crop && checkedRegion(crop, source);
  const upright = pipeline.autoOrient();
  if (rotate === 0) return mirrored(region ? upright.extract(region) : upright, mirror);
  // told to turn, sharp mirrors first, then turns, and then cuts, in whatever order it is told to
  const swapped = mirror === "horizontal" ? "vertical" : "horizontal";
  const turned = mirrored(upright, mirror && (rotate === 180 ? mirror : swapped)).rotate(rotate);
  if (!region) return turned;
  const size = rotate === 180 ? source : { width: source.height, height: source.width };
  return turned.extract(mirrorRegion(turnRegion(region, source, rotate), size, mirror));
}

function mirrored(pipeline: Sharp, mirror: ImageOperations["mirror"]): Sharp {
  if (mirror === undefined) return pipeline;
  return mirror === "horizontal" ? pipeline.flop() : pipeline.flip();
}

/** The resizing. */
export function applyResize(
  pipeline: Sharp,
  operations: ImageOperations,
  format: ImageFormat,
): Sharp {
  const { width, height, fit = "inside", position, enlarge = false } = operations;
  if (width === undefined && height === undefined) return pipeline;
  return pipeline.resize({
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    fit,
    ...(position !== undefined && { position }),
    withoutEnlargement: !enlarge,
    background: operations.background ?? (format === "jpeg" ? "white" : transparent),
  });
}

/** What is done after the resizing, but for the watermark. */
export function applyEffects(
  pipeline: Sharp,
  operations: ImageOperations,
  { hasAlpha }: Pick<ImageMetadata, "hasAlpha">,
  format: ImageFormat,
): Sharp {
  const { blur, sharpen, greyscale, custom, metadata = "strip" } = operations;
  let result = pipeline;
  if (hasAlpha && format === "jpeg") {
    result = result.flatten({ background: operations.background ?? "white" });
  }
  if (blur !== undefined) result = result.blur(blur);
  if (sharpen === true) result = result.sharpen();
  if (greyscale === true) result = result.greyscale();
  if (metadata === "keep") result = result.keepMetadata();
  if (metadata === "colour") result = result.keepIccProfile();
  return custom ? (custom.apply(result) as Sharp) : result;
}

function checkedRegion(crop: ImageRegion, { width, height }: ImageSize): ImageRegion {
  if (crop.left + crop.width <= width && crop.top + crop.height <= height) return crop;
  throw new RangeError(
    `crop must lie within the image of ${width} x ${height} pixels, got ${crop.width} x ${crop.height} at ${crop.left}, ${crop.top}`,
  );
}

/** Where a region lies when the image has been mirrored. */
function mirrorRegion(
  region: ImageRegion,
  { width, height }: ImageSize,
  mirror: ImageOperations["mirror"],
): ImageRegion {
  if (mirror === undefined) return region;
  return mirror === "horizontal"
    ? { ...region, left: width - region.left - region.width }
    : { ...region, top: height - region.top - region.height };
}

/** Where a region lies when the image has been turned. */
function turnRegion(
  { left, top, width, height }: ImageRegion,
  source: ImageSize,
  rotate: number,
): ImageRegion {
  switch (rotate) {
    case 90:
      return { left: source.height - top - height, top: left, width: height, height: width };
    case 180:
      return {
        left: source.width - left - width,
        top: source.height - top - height,
        width,
        height,
      };
    case 270:
      return { left: top, top: source.width - left - width, width: height, height: width };
    default:
      return { left, top, width, height };
  }
}
