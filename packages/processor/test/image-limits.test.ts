import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";

import { ImageService } from "../src/image.js";
import { LimitExceededError, processorErrors, UnsupportedFormatError } from "../src/index.js";
import { animation, emptyPng, lyingPng, manyFrames, photo, rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

const images = new ImageService();
beforeAll(() => images.start());
afterAll(() => images.stop());

/** The quickest of a few refusals, in milliseconds: what else the machine does is not measured. */
async function quickestRefusal(refuse: () => Promise<unknown>): Promise<number> {
  let quickest = Infinity;
  for (let turn = 0; turn < 5; turn += 1) {
    const startedAt = performance.now();
    await rejection(refuse());
    quickest = Math.min(quickest, performance.now() - startedAt);
  }
  return quickest;
}

describe("ImageService, limits that hold before anything is decoded", () => {
  it("refuses a small PNG of 16,000 x 16,000 pixels, which decodes to all of them, within 50 ms", async () => {
    const bomb = await emptyPng(16_000, 16_000);
    expect(bomb.length).toBeLessThan(260_000);
    const error = await rejection(images.process(bomb, { width: 100 }));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_LIMIT",
      status: 413,
      details: { limit: "maxPixels", found: 256_000_000, allowed: 100_000_000 },
    });
    expect(await quickestRefusal(() => images.process(bomb, { width: 100 }))).toBeLessThan(50);
  });

  it("refuses a GIF of 10,000 frames within 50 ms", async () => {
    const bomb = manyFrames(10_000);
    const error = await rejection(images.thumbnail(bomb));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_LIMIT",
      details: { limit: "maxFrames", found: 10_000, allowed: 1000 },
    });
    expect(await quickestRefusal(() => images.thumbnail(bomb))).toBeLessThan(50);
  });

  it("counts the pixels of all frames", async () => {
    const few = new ImageService({ maxPixels: 32 * 32 * 9 });
    const error = await rejection(few.process(await animation(10), {}));
    expect(error).toMatchObject({ details: { limit: "maxPixels", found: 32 * 32 * 10 } });
    await expect(few.process(await animation(9), {})).resolves.toMatchObject({ frames: 9 });
  });

  it("takes the first page of a file with several, of which the others are not decoded", async () => {
    const pages = await sharp([await photo(40, 30, "png"), await photo(40, 30, "png")], {
      join: { across: 1, animated: true },
    })
      .tiff()
      .toBuffer();
    const few = new ImageService({ maxPixels: 40 * 30 });
    expect(await few.metadata(pages)).toMatchObject({ frames: 2, width: 40, height: 30 });
    await expect(few.process(pages, { format: "png" })).resolves.toMatchObject({
      frames: 1,
      height: 30,
    });
    const single = new ImageService({ maxFrames: 1 });
    expect(await rejection(single.metadata(pages))).toMatchObject({
      details: { limit: "maxFrames", found: 2 },
    });
  });

  it("bounds the bytes that come in, of a buffer, a stream and a file", async () => {
    const small = new ImageService({ maxInputSize: "1kb" });
    const image = await photo(200, 200);
    const path = join(await temporaryFolder(), "photo.jpg");
    await writeFile(path, image);
    for (const input of [image, { path }, createReadStream(path)]) {
      const error = await rejection(small.metadata(input));
      expect(error).toMatchObject({ details: { limit: "maxInputSize", allowed: 1024 } });
    }
  });

  it("stops reading a stream at the limit", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1024;
        yield Buffer.alloc(1024, 0xff);
      }
    }
    const small = new ImageService({ maxInputSize: "64kb" });
    expect(LimitExceededError.is(await rejection(small.metadata(endless())))).toBe(true);
    expect(given).toBe(65 * 1024);
  });

  it("bounds the pixels and the bytes that come out", async () => {
    const image = await photo(300, 200);
    const pixels = new ImageService({ maxOutputPixels: 1_000_000 });
    const huge = { width: 3000, enlarge: true };
    expect(await rejection(pixels.process(image, huge))).toMatchObject({
      details: { limit: "maxOutputPixels", found: 6_000_000 },
    });
    const bytes = new ImageService({ maxOutputSize: "1kb" });
    expect(await rejection(bytes.process(image, { format: "png" }))).toMatchObject({
      details: { limit: "maxOutputSize", allowed: 1024 },
    });
  });

  it("judges by the content, and reads nothing that is not allowed", async () => {
    const page = await rejection(images.metadata(Buffer.from("<html><script>1</script></html>")));
    expect(page).toMatchObject({
      code: "ERR_PROCESSOR_UNSUPPORTED_FORMAT",
      status: 415,
      details: { type: "text/html" },
    });
    const jpegOnly = new ImageService({ formats: ["jpeg"] });
    const error = await rejection(jpegOnly.metadata(await photo(10, 10, "png")));
    expect(UnsupportedFormatError.is(error)).toBe(true);
    await expect(jpegOnly.metadata(await photo(10, 10))).resolves.toMatchObject({ format: "jpeg" });
    expect((await rejection(images.metadata(Buffer.alloc(0)))).code).toBe(
      "ERR_PROCESSOR_UNSUPPORTED_FORMAT",
    );
  });

  it("refuses an option that can't be, by its name", () => {
    expect(() => new ImageService({ maxPixels: -1 })).toThrow("maxPixels must be a whole number");
    expect(() => new ImageService({ svg: "yes" as never })).toThrow('svg must be one of "strict"');
    expect(() => new ImageService({ formats: ["bmp" as never] })).toThrow("formats must be one of");
    expect(() => new ImageService({ timeout: "soon" as never })).toThrow("timeout must be");
    expect(() => new ImageService({ derivatives: "storage" })).toThrow("needs { storage }");
  });
});

describe("ImageService, damaged images", () => {
  it("gives 100 corrupt images 100 errors of its own, and goes on", async () => {
    const formats = ["jpeg", "png", "webp", "gif", "avif", "tiff"] as const;
    const whole = await Promise.all(formats.map((format) => photo(160, 120, format)));
    const corrupt = Array.from({ length: 100 }, (_, at) => {
      const image = whole[at % whole.length]!;
      // what is left of it, from next to nothing to two thirds
      return image.subarray(0, Math.floor((image.length * (at + 2)) / 150));
    });
    const errors = await Promise.all(
      corrupt.map((image) => rejection(images.process(image, { width: 50, format: "png" }))),
    );
    const codes = new Set(errors.map(({ code }) => code));
    expect([...codes].filter((code) => !(code in processorErrors.codes))).toEqual([]);
    const unknown = errors.filter(({ code }) => code === "ERR_PROCESSOR_IMAGE_FAILED");
    expect(unknown.map(({ message }) => message)).toEqual([]);
    expect(errors).toHaveLength(100);
    await expect(images.process(whole[0]!, { width: 50 })).resolves.toMatchObject({ width: 50 });
  });

  it("refuses a PNG that says more than it holds", async () => {
    const error = await rejection(images.process(lyingPng(4000, 4000), { width: 50 }));
    expect(error.code).toBe("ERR_PROCESSOR_CORRUPT");
  });
});
