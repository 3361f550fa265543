import type { ImageContext } from "./image-context.js";
import type { Sharp } from "./sharp-module.js";

/** Decoded pixels, which several images can be made of. */
export interface RawPixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  /** A new pipeline over them. */
  readonly open: () => Sharp;
}

/** More bytes than this are not kept decoded. */
export const maxRawBytes = 128 * 1024 ** 2;

/** The pixels that come out of a pipeline, as 8-bit sRGB. */
export async function rawPixels(context: ImageContext, pipeline: Sharp): Promise<RawPixels> {
  const { data, info } = await context.native(() =>
    pipeline.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  const raw = { width, height, channels };
  const options = { raw, limitInputPixels: context.limits.maxPixels };
  return { ...raw, open: () => context.sharp(data, options) };
}
