import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp, { type Sharp } from "sharp";

import { ImageService, imagePresets } from "../src/image.js";
import { animation, corners, photo, pixelAt, quarters, rejection } from "./images.js";

const images = new ImageService({ presets: { tiny: { width: 8, format: "png" } } });
beforeAll(() => images.start());
afterAll(() => images.stop());

describe("ImageService.metadata()", () => {
  it("says what an image is, upright", async () => {
    const image = await photo(60, 40, "jpeg", { orientation: 6 });
    expect(await images.metadata(image)).toMatchObject({
      format: "jpeg",
      contentType: "image/jpeg",
      width: 40,
      height: 60,
      orientation: 6,
      frames: 1,
      hasAlpha: false,
      colourSpace: "srgb",
      sizeBytes: image.length,
    });
  });

  it("counts the frames of an animation, and knows its times", async () => {
    expect(await images.metadata(await animation(5))).toMatchObject({
      width: 32,
      height: 32,
      frames: 5,
      loop: 0,
      delaysMs: [80, 80, 80, 80, 80],
    });
  });

  it.each(["jpeg", "png", "webp", "avif", "gif", "tiff"] as const)("knows %s", async (format) => {
    const image = await photo(30, 20, format);
    expect(await images.metadata(image)).toMatchObject({ format, width: 30, height: 20 });
  });
});

describe("ImageService.process()", () => {
  it("turns an image upright before anything else", async () => {
    const upright = await sharp(await quarters())
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    // 6: to be turned by 90 degrees, clockwise
    expect(await corners((await images.process(upright, {})).data)).toBe("brwg");
  });

  it("cuts, turns and mirrors in this order, whatever order they stand in", async () => {
    const image = await quarters();
    const crop = { left: 0, top: 0, width: 64, height: 32 };
    const made = async (operations: Parameters<typeof images.process>[1]) =>
      corners((await images.process(image, operations)).data);
    expect(await made({})).toBe("rgbw");
    expect(await made({ rotate: 90 })).toBe("brwg");
    expect(await made({ rotate: 180 })).toBe("wbgr");
    expect(await made({ rotate: 270 })).toBe("gwrb");
    expect(await made({ mirror: "horizontal" })).toBe("grwb");
    expect(await made({ mirror: "vertical" })).toBe("bwrg");
    expect(await made({ crop })).toBe("rgrg");
    expect(await made({ rotate: 90, crop })).toBe("rrgg");
    expect(await made({ rotate: 270, crop })).toBe("ggrr");
    expect(await made({ rotate: 180, crop, mirror: "horizontal" })).toBe("rgrg");
    expect(await made({ rotate: 90, crop, width: 16, mirror: "vertical" })).toBe("ggrr");
  });

  it("cuts, turns and mirrors as if it were done one after the other, in all combinations", async () => {
    const image = await photo(30, 20, "png", { orientation: 5 });
    const crop = { left: 3, top: 7, width: 11, height: 13 };
    for (const rotate of [0, 90, 180, 270] as const) {
      for (const mirror of [undefined, "horizontal", "vertical"] as const) {
        const made = await images.process(image, { crop, rotate, ...(mirror && { mirror }) });
        let step = await sharp(image).autoOrient().png().toBuffer();
        step = await sharp(step).extract(crop).png().toBuffer();
        step = await sharp(step).rotate(rotate).png().toBuffer();
        if (mirror === "horizontal") step = await sharp(step).flop().png().toBuffer();
        if (mirror === "vertical") step = await sharp(step).flip().png().toBuffer();
        const [a, b] = await Promise.all(
          [made.data, step].map((each) => sharp(each).raw().toBuffer()),
        );
        expect([rotate, mirror, a!.equals(b!)]).toEqual([rotate, mirror, true]);
      }
    }
  });

  it("fits an image into, over and onto a size, and never enlarges it unasked", async () => {
    const image = await photo(300, 200);
    const size = async (operations: Parameters<typeof images.process>[1]) => {
      const { width, height } = await images.process(image, operations);
      return [width, height];
    };
    expect(await size({ width: 150 })).toEqual([150, 100]);
    expect(await size({ height: 100 })).toEqual([150, 100]);
    expect(await size({ width: 100, height: 100 })).toEqual([100, 67]);
    expect(await size({ width: 100, height: 100, fit: "outside" })).toEqual([150, 100]);
    expect(await size({ width: 100, height: 100, fit: "cover" })).toEqual([100, 100]);
    expect(await size({ width: 100, height: 100, fit: "contain" })).toEqual([100, 100]);
    expect(await size({ width: 50, height: 100, fit: "fill" })).toEqual([50, 100]);
    expect(await size({ width: 900 })).toEqual([300, 200]);
    expect(await size({ width: 900, enlarge: true })).toEqual([900, 600]);
  });

  it("fills up with the background, white where a format has no transparency", async () => {
    const image = await quarters();
    const contain = { width: 100, height: 50, fit: "contain" } as const;
    const png = await images.process(image, contain);
    expect((await pixelAt(png.data, 1, 25))[3]).toBe(0);
    const jpeg = await images.process(image, { ...contain, format: "jpeg" });
    expect(Math.min(...(await pixelAt(jpeg.data, 1, 25)))).toBeGreaterThan(250);
    const see = await images.process(png.data, { format: "jpeg" });
    expect(Math.min(...(await pixelAt(see.data, 1, 25)))).toBeGreaterThan(250);
    const red = await images.process(image, { ...contain, format: "jpeg", background: "#f00" });
    expect((await pixelAt(red.data, 1, 25))[1]).toBeLessThan(5);
  });

  it.each(["jpeg", "png", "webp", "avif", "gif", "tiff"] as const)("makes %s", async (format) => {
    const made = await images.process(await photo(64, 48), { format });
    expect(made).toMatchObject({ format, width: 64, height: 48, contentType: `image/${format}` });
    expect(made.sizeBytes).toBe(made.data.length);
    expect(await images.metadata(made.data)).toMatchObject({ format });
  });

  it("strips Exif and profiles unless told otherwise", async () => {
    const image = await sharp(await photo(64, 48))
      .withExif({ IFD0: { Copyright: "Ada" }, IFD3: { GPSLatitude: "51/1 30/1 0/1" } })
      .withIccProfile("p3")
      .toBuffer();
    const kept = async (metadata: "strip" | "colour" | "keep") => {
      const made = await images.process(image, { metadata, width: 32 });
      const { exif, icc } = await images.metadata(made.data);
      return [exif !== undefined, icc !== undefined];
    };
    expect(await kept("strip")).toEqual([false, false]);
    expect(await kept("colour")).toEqual([false, true]);
    expect(await kept("keep")).toEqual([true, true]);
  });

  it("finds the best quality that fits a size", async () => {
    const image = await photo(400, 300, "png");
    const best = await images.process(image, { format: "webp", quality: 90 });
    const targetSize = Math.floor(best.sizeBytes / 3);
    for (const format of ["jpeg", "webp", "avif"] as const) {
      const made = await images.process(image, { format, targetSize });
      expect(made.sizeBytes).toBeLessThanOrEqual(targetSize);
      const better = await images.process(image, { format, quality: made.quality! + 1 });
      const most = format === "avif" ? 50 : 80;
      expect(made.quality === most || better.sizeBytes > targetSize * 0.9).toBe(true);
    }
    // what is tried on the way may be larger than a result may be
    const small = new ImageService({ maxOutputSize: targetSize });
    await expect(
      small.process(image, { format: "webp", quality: 90, targetSize }),
    ).resolves.toMatchObject({
      format: "webp",
    });
    const error = await rejection(images.process(image, { format: "webp", targetSize: 100 }));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_TARGET_SIZE",
      details: { targetBytes: 100 },
    });
    const wrong = await rejection(images.process(image, { format: "png", targetSize: 100 }));
    expect(wrong).toBeInstanceOf(TypeError);
  });

  it("optimises: the same picture in fewer bytes", async () => {
    const image = await photo(300, 200, "png");
    const plain = await images.process(image, { format: "jpeg" });
    const small = await images.process(image, { format: "jpeg", preset: "optimised" });
    expect(small.sizeBytes).toBeLessThan(plain.sizeBytes);
  });

  it("keeps an animation, resized, or its first frame", async () => {
    const image = await animation(6);
    const webp = await images.process(image, { width: 16, format: "webp" });
    expect(webp).toMatchObject({ frames: 6, width: 16, height: 16 });
    expect(await images.metadata(webp.data)).toMatchObject({
      frames: 6,
      delaysMs: Array(6).fill(80),
    });
    const still = await images.process(image, { width: 16, animated: false });
    expect(still).toMatchObject({ frames: 1, width: 16, height: 16 });
    await expect(images.process(image, { format: "png" })).resolves.toMatchObject({ frames: 1 });
  });

  it("lays a watermark over an image and over each frame", async () => {
    const image = await sharp({
      create: { width: 100, height: 60, channels: 3, background: "#000" },
    })
      .png()
      .toBuffer();
    const mark = await sharp({ create: { width: 10, height: 10, channels: 3, background: "#fff" } })
      .png()
      .toBuffer();
    const marked = await images.process(image, { watermark: { image: mark, opacity: 0.5 } });
    // a fifth of 100 wide, two from the edges
    const inside = await pixelAt(marked.data, 88, 48);
    expect(inside[0]).toBeGreaterThan(100);
    expect(inside[0]).toBeLessThan(150);
    expect((await pixelAt(marked.data, 70, 48))[0]).toBe(0);
    expect((await pixelAt(marked.data, 99, 59))[0]).toBe(0);

    const corner = { image: mark, position: "left top", margin: 0, width: 0.25 } as const;
    const moving = await images.process(await animation(3, 64), {
      watermark: corner,
      format: "webp",
    });
    expect(moving.frames).toBe(3);
    const { data, info } = await sharp(moving.data, { pages: -1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const frame of [0, 1, 2]) {
      // where the bar goes there is the mark, in each frame
      expect(data[((frame * 64 + 4) * info.width + frame) * info.channels]).toBeGreaterThan(200);
      expect(data[((frame * 64 + 40) * info.width + frame) * info.channels]).toBeLessThan(60);
    }

    const tiled = await images.process(image, {
      watermark: { image: mark, tile: true, width: 0.1, margin: 0.1 },
    });
    expect((await pixelAt(tiled.data, 2, 2))[0]).toBe(255);
    expect((await pixelAt(tiled.data, 42, 42))[0]).toBe(255);
  });

  it("takes presets, its own and the application's, with what is said beside them", async () => {
    const image = await photo(640, 480);
    expect(Object.keys(imagePresets)).toEqual(expect.arrayContaining(["thumbnail", "avatar"]));
    await expect(images.process(image, { preset: "tiny" })).resolves.toMatchObject({
      width: 8,
      format: "png",
    });
    await expect(images.process(image, { preset: "tiny", width: 16 })).resolves.toMatchObject({
      width: 16,
    });
    await expect(images.process(image, { preset: "avatar" })).resolves.toMatchObject({
      width: 256,
      height: 256,
    });
    expect(await rejection(images.process(image, { preset: "none" }))).toMatchObject({
      message:
        'there is no preset "none": there are thumbnail, avatar, preview, card, optimised, tiny',
    });
  });

  it("takes effects, and sharp's own methods", async () => {
    const image = await quarters();
    const grey = await images.process(image, { greyscale: true });
    const [r, g = r] = await pixelAt(grey.data, 4, 4);
    expect(r).toBe(g);
    const blurred = await images.process(image, { blur: 20, sharpen: true });
    expect((await pixelAt(blurred.data, 31, 31))[1]).toBeGreaterThan(20);
    const negative = await images.process(image, {
      custom: { name: "negative", apply: (pipeline) => (pipeline as Sharp).negate() },
    });
    expect((await pixelAt(negative.data, 4, 4)).slice(0, 3)).toEqual([0, 255, 255]);
    const coarse = await images.process(image, {
      format: "png",
      encoder: { palette: true, colours: 2 },
    });
    expect((await sharp(coarse.data).metadata()).isPalette).toBe(true);
  });

  it.each([
    [{ width: 0 }, "width must be a whole number from 1 to 65535, got 0"],
    [{ quality: 101 }, "quality must be a whole number from 1 to 100, got 101"],
    [{ fit: "zoom" }, 'fit must be one of "inside"'],
    [{ rotate: 45 }, 'rotate must be one of "0", "90", "180", "270"; got 45'],
    [{ format: "bmp" }, 'format must be one of "jpeg"'],
    [
      { crop: { left: 60, top: 0, width: 10, height: 10 } },
      "crop must lie within the image of 64 x 64",
    ],
    [{ wdith: 10 }, 'there is no operation "wdith"'],
    [{ lossless: true, format: "jpeg" }, "lossless is for WebP and AVIF, not for jpeg"],
    [{ quality: 5, format: "gif" }, "quality has no meaning for gif"],
    [{ watermark: { image: "x" } }, "watermark.image must be bytes"],
  ])("refuses %j", async (operations, message) => {
    const error = await rejection(images.process(await quarters(), operations as never));
    expect(["TypeError", "RangeError"]).toContain(error.name);
    expect(error.message).toContain(message);
  });
});

describe("ImageService.processMany()", () => {
  it("makes each image as if it were made alone, in the order that was asked for", async () => {
    const image = await photo(800, 600, "jpeg", { orientation: 8 });
    const list = [
      { width: 100, format: "png" },
      { width: 400, format: "png" },
      { width: 390, format: "png" },
      { width: 120, height: 120, fit: "cover", format: "png" },
      { crop: { left: 0, top: 0, width: 50, height: 50 }, format: "png" },
      { width: 200, format: "png", watermark: { image: await quarters() } },
    ] as const;
    const many = await images.processMany(image, list);
    for (const [at, operations] of list.entries()) {
      const alone = await images.process(image, operations);
      expect(many[at]).toMatchObject({ width: alone.width, height: alone.height });
      const [a, b] = await Promise.all(
        [many[at]!.data, alone.data].map((data) => sharp(data).removeAlpha().raw().toBuffer()),
      );
      // what was scaled in two steps differs by no more than the eye can tell
      const difference = a!.reduce((sum, value, index) => sum + Math.abs(value - b![index]!), 0);
      expect(difference / a!.length).toBeLessThan(3);
    }
  });
});

describe("ImageService, what is made of images", () => {
  it("thumbnail() is small, upright and still", async () => {
    const made = await images.thumbnail(await animation(4, 400), { size: 100 });
    expect(made).toMatchObject({ format: "webp", width: 100, height: 100, frames: 1 });
  });

  it("responsive() gives widths that the image has, in several formats, and their srcset", async () => {
    const set = await images.responsive(await photo(700, 350), {
      formats: ["webp", "jpeg"],
      widths: [320, 640, 1280],
    });
    expect(set.images.map(({ format, width }) => `${format} ${width}`)).toEqual([
      "webp 320",
      "webp 640",
      "webp 700",
      "jpeg 320",
      "jpeg 640",
      "jpeg 700",
    ]);
    expect(set).toMatchObject({ width: 700, height: 350 });
    expect(set.srcset("webp", ({ width }) => `/p-${width}.webp`)).toBe(
      "/p-320.webp 320w, /p-640.webp 640w, /p-700.webp 700w",
    );
  });

  it("placeholder() is a tiny image, or a blurhash", async () => {
    const image = await photo(300, 200);
    const { value, width, height } = await images.placeholder(image);
    expect([width, height]).toEqual([300, 200]);
    expect(value.length).toBeLessThan(400);
    const tiny = Buffer.from(value.replace("data:image/webp;base64,", ""), "base64");
    expect(await images.metadata(tiny)).toMatchObject({ format: "webp", width: 16, height: 11 });
    const hash = await images.placeholder(image, { kind: "blurhash" });
    expect(hash.value).toMatch(/^[\w#$%*+,.:;=?@[\]^{|}~-]{28}$/);
  });

  it("dominantColour() names the colour that most of it has", async () => {
    const blue = await sharp({
      create: { width: 50, height: 50, channels: 3, background: "#2040c0" },
    })
      .png()
      .toBuffer();
    const colour = await images.dominantColour(blue);
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    expect([Math.abs(r! - 0x20) < 12, Math.abs(g! - 0x40) < 12, Math.abs(b! - 0xc0) < 12]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
