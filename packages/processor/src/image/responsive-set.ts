import { checkNumber } from "../check-argument.js";
import type { ImageFormat } from "./image-format.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { ImageOperations } from "./image-operations.js";
import type { ProcessedImage } from "./processed-image.js";

/** Options of `ImageService.responsive`. */
export interface ResponsiveOptions extends Omit<ImageOperations, "width" | "height" | "format"> {
  /** Those wider than the image are left out; it is never enlarged. @default [320, 640, 960, 1280, 1920] */
  readonly widths?: readonly number[];
  /** The best first, as `<picture>` wants them. @default ["avif", "webp", "jpeg"] */
  readonly formats?: readonly ImageFormat[];
  readonly signal?: AbortSignal | undefined;
}

/** An image in several widths and formats. */
export interface ResponsiveSet {
  /** By format, then by width. */
  readonly images: readonly ProcessedImage[];
  /** Of the widest. */
  readonly width: number;
  readonly height: number;
  /** `srcset` of one format: `set.srcset("webp", (image) => url)`. */
  srcset(format: ImageFormat, urlOf: (image: ProcessedImage) => string): string;
}

/** What has to be made for a set. @throws RangeError for a width that can't be */
export function responsiveOperations(
  { width: most }: ImageMetadata,
  options: ResponsiveOptions,
): ImageOperations[] {
  const {
    widths = [320, 640, 960, 1280, 1920],
    formats = ["avif", "webp", "jpeg"],
    signal: _,
    ...operations
  } = options;
  for (const width of widths) checkNumber(width, "widths", { least: 1, most: 65_535 });
  const fitting = new Set(widths.map((width) => Math.min(width, most)));
  const ascending = [...fitting].toSorted((a, b) => a - b);
  return formats.flatMap((format) =>
    ascending.map((width) => Object.assign({}, operations, { width, format })),
  );
}

export function responsiveSet(images: readonly ProcessedImage[]): ResponsiveSet {
  const widest = images.reduce((a, b) => (b.width > a.width ? b : a));
  return {
    images,
    width: widest.width,
    height: widest.height,
    srcset: (format, urlOf) =>
      images
        .filter((image) => image.format === format)
        .map((image) => `${urlOf(image)} ${image.width}w`)
        .join(", "),
  };
}
