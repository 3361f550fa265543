import type { ImageContext } from "./image-context.js";
import type { SourceImage } from "./inspect-image.js";
import { openSource } from "./make-image.js";
import { rawPixels } from "./raw-pixels.js";

/** The colour that most of an image has: `#rrggbb`. What is transparent counts as white. */
export async function dominantColour(context: ImageContext, source: SourceImage): Promise<string> {
  const small = openSource(context, source, 1)
    .autoOrient()
    .resize({ width: 128, height: 128, fit: "inside", withoutEnlargement: true })
    .flatten({ background: "white" });
  const pixels = await rawPixels(context, small);
  const { dominant } = await context.native(() => pixels.open().stats());
  const hex = [dominant.r, dominant.g, dominant.b].map((each) =>
    Math.round(each).toString(16).padStart(2, "0"),
  );
  return `#${hex.join("")}`;
}
