import type { ImageFormat } from "./image-format.js";
import type { ImageOperations } from "./image-operations.js";

type Options = Readonly<Record<string, unknown>>;

/** What `effort` means to each encoder; `balanced` is what sharp does by itself. */
const efforts: Readonly<Record<ImageFormat, Readonly<Record<"fast" | "small", Options>>>> = {
  jpeg: { fast: {}, small: { mozjpeg: true } },
  png: { fast: { compressionLevel: 2 }, small: { compressionLevel: 9, effort: 10 } },
  webp: { fast: { effort: 2 }, small: { effort: 6 } },
  avif: { fast: { effort: 2 }, small: { effort: 7 } },
  gif: { fast: { effort: 3 }, small: { effort: 10 } },
  tiff: { fast: {}, small: { compression: "deflate", predictor: "horizontal" } },
};

/** The quality of an encoder that was given none. */
export const defaultQuality: Readonly<Partial<Record<ImageFormat, number>>> = {
  jpeg: 80,
  webp: 80,
  avif: 50,
};

/**
 * The options of sharp's encoder.
 *
 * @throws TypeError for an operation that has no meaning for the format.
 */
export function encoderOptions(
  format: ImageFormat,
  { quality, lossless = false, effort = "balanced", encoder = {} }: ImageOperations,
): Options {
  if (lossless && format !== "webp" && format !== "avif") {
    throw new TypeError(`lossless is for WebP and AVIF, not for ${format}`);
  }
  if (quality !== undefined && format === "gif") {
    throw new TypeError("quality has no meaning for gif");
  }
  return {
    ...(effort !== "balanced" && efforts[format][effort]),
    ...(quality !== undefined && { quality }),
    ...(quality !== undefined && format === "png" && { palette: true }),
    ...(lossless && { lossless: true }),
    ...encoder,
  };
}
