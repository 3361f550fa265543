import type { ImageContext } from "./image-context.js";
import type { Watermark } from "./image-operations.js";
import { inspectImage } from "./inspect-image.js";
import type { ImageSize } from "./planned-size.js";

/** What is laid over an image of a size, to be repeated over all its frames. */
export interface Overlay {
  readonly input: Buffer;
  readonly tile: true;
  readonly gravity: "northwest";
}

const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * Makes the overlay for an image, or a frame, of a size.
 *
 * @throws what inspecting the watermark does.
 */
export async function watermarkOverlay(
  context: ImageContext,
  frame: ImageSize,
  { image, position = "right bottom", width = 0.2, opacity = 1, margin = 0.02, tile }: Watermark,
): Promise<Overlay> {
  const { sharp, limits, native } = context;
  const inspecting = { load: async () => sharp, limits, native };
  const { bytes } = await inspectImage(inspecting, Buffer.from(image));
  const gap = Math.round(frame.width * margin);
  const room = (length: number): number => Math.max(1, length - 2 * gap);
  const options = { limitInputPixels: limits.maxPixels, failOn: limits.failOn };
  const { data, info } = await native(() =>
    sharp(bytes, options)
      .autoOrient()
      .resize({
        width: Math.min(room(frame.width), Math.max(1, Math.round(frame.width * width))),
        height: room(frame.height),
        fit: "inside",
      })
      .ensureAlpha()
      .composite([
        {
          input: Buffer.from([255, 255, 255, Math.round(opacity * 255)]),
          raw: { width: 1, height: 1, channels: 4 },
          tile: true,
          blend: "dest-in",
        },
      ])
      .png()
      .toBuffer({ resolveWithObject: true }),
  );
  const canvas = tile
    ? {
        width: Math.min(frame.width, info.width + gap),
        height: Math.min(frame.height, info.height + gap),
      }
    : frame;
  const { left, top } = tile ? { left: 0, top: 0 } : placeOf(position, frame, info, gap);
  const input = await native(() =>
    sharp({
      create: { width: canvas.width, height: canvas.height, channels: 4, background: transparent },
    })
      .composite([{ input: data, left, top }])
      .png()
      .toBuffer(),
  );
  return { input, tile: true, gravity: "northwest" };
}

function middle(from: number, to: number): number {
  return Math.round((from - to) / 2);
}

function placeOf(
  position: string,
  frame: ImageSize,
  mark: ImageSize,
  gap: number,
): { readonly left: number; readonly top: number } {
  const [right, bottom] = [frame.width - mark.width - gap, frame.height - mark.height - gap];
  const has = (word: string): boolean => position.split(" ").includes(word);
  return {
    left: has("left") ? gap : has("right") ? right : middle(frame.width, mark.width),
    top: has("top") ? gap : has("bottom") ? bottom : middle(frame.height, mark.height),
  };
}
