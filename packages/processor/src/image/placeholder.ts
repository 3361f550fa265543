import { importPeer } from "@infra/errors";

import type { ImageContext } from "./image-context.js";
import type { SourceImage } from "./inspect-image.js";
import { openSource } from "./make-image.js";
import type { Placeholder } from "./placeholder-options.js";

const side = 16;
const hashSide = 32;

export async function makePlaceholder(
  context: ImageContext,
  source: SourceImage,
  kind: "lqip" | "blurhash",
): Promise<Placeholder> {
  const { width, height } = source.metadata;
  const small = openSource(context, source, 1).autoOrient();
  if (kind === "lqip") {
    const data = await context.native(() =>
      small
        .resize({ width: side, height: side, fit: "inside" })
        .webp({ quality: 30, alphaQuality: 30, effort: 4 })
        .toBuffer(),
    );
    return { value: `data:image/webp;base64,${data.toString("base64")}`, width, height };
  }
  const { encode } = await importPeer("blurhash", () => import("blurhash"), {
    for: 'placeholder({ kind: "blurhash" })',
  });
  const { data, info } = await context.native(() =>
    small
      .resize({ width: hashSide, height: hashSide, fit: "inside" })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const [across, down] = width >= height ? [4, 3] : [3, 4];
  const pixels = new Uint8ClampedArray(data);
  return { value: encode(pixels, info.width, info.height, across, down), width, height };
}
