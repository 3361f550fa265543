import { once } from "node:events";
import { crc32, createDeflate, deflateSync } from "node:zlib";

import sharp from "sharp";

import type { ImageFormat } from "../src/image.js";

/** A picture with something to see: soft waves of colour under a little noise. */
export async function photo(
  width: number,
  height: number,
  format: ImageFormat = "jpeg",
  options: { readonly orientation?: number } = {},
): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  let seed = 1;
  for (let at = 0, y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff;
      const noise = (seed >> 16) & 15;
      pixels[at++] = 120 + 100 * Math.sin(x / 37) + noise;
      pixels[at++] = 120 + 100 * Math.cos(y / 53) + noise;
      pixels[at++] = 120 + 100 * Math.sin((x + y) / 71) + noise;
    }
  }
  const { orientation } = options;
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  return (orientation === undefined ? image : image.withMetadata({ orientation }))
    .toFormat(format)
    .toBuffer();
}

/** Four quarters: red and green above, blue and white below. */
export async function quarters(side = 64, format: ImageFormat = "png"): Promise<Buffer> {
  const half = side / 2;
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ] as const;
  const pixels = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const colour = colours[(y < half ? 0 : 2) + (x < half ? 0 : 1)]!;
      pixels.set(colour, (y * side + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

/** The colour at a place, as `[r, g, b]` or with alpha. */
export async function pixelAt(image: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

/** Which of the quarters' colours stands in each corner, from the left above in reading order. */
export async function corners(image: Uint8Array): Promise<string> {
  const { width, height } = await sharp(image).metadata();
  const places = [
    [2, 2],
    [width - 3, 2],
    [2, height - 3],
    [width - 3, height - 3],
  ] as const;
  const names = await Promise.all(
    places.map(async ([x, y]) => {
      const [r = 0, g = 0, b = 0] = await pixelAt(image, x, y);
      if (r > 128 && g > 128) return "w";
      return r > 128 ? "r" : g > 128 ? "g" : b > 128 ? "b" : "k";
    }),
  );
  return names.join("");
}

/** A PNG of nothing: it decodes, to as many pixels as it says. */
export async function emptyPng(width: number, height: number): Promise<Buffer> {
  const deflate = createDeflate({ level: 9 });
  const packed: Buffer[] = [];
  deflate.on("data", (part: Buffer) => packed.push(part));
  // 8 bits of grey, and the filter before each line
  const row = Buffer.alloc(width + 1);
  for (let y = 0; y < height; y += 1) {
    if (!deflate.write(row)) await once(deflate, "drain");
  }
  deflate.end();
  await once(deflate, "end");
  return png(width, height, Buffer.concat(packed));
}

/** A PNG that says it is of a size and holds a single pixel. */
export function lyingPng(width: number, height: number): Buffer {
  return png(width, height, deflateSync(Buffer.alloc(2)));
}

function png(width: number, height: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const end = Buffer.alloc(0);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", end)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A GIF of so many frames of one pixel. */
export function manyFrames(frames: number): Buffer {
  const head = Buffer.from("47494638396101000100800000000000ffffff", "hex");
  const frame = Buffer.from("21f90400010000002c0000000001000100000202440100", "hex");
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** A GIF that moves: a bar that goes from left to right. */
export async function animation(frames: number, side = 32): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * frames * 3, 255);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let y = 0; y < side; y += 1) {
      const at = ((frame * side + y) * side + (frame % side)) * 3;
      pixels.fill(0, at, at + 3);
    }
  }
  const raw = { width: side, height: side * frames, channels: 3 as const, pageHeight: side };
  return sharp(pixels, { raw })
    .gif({ delay: Array.from({ length: frames }, () => 80), loop: 0 })
    .toBuffer();
}

/** What a call rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code: string }> {
  return promise.then(
    () => {
      throw new Error("it was expected to reject");
    },
    (error: Error & { code: string }) => error,
  );
}
