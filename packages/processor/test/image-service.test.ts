import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";

import { NotFoundError } from "@infra/errors";
import type { Cache, Storage } from "@infra/interfaces";
import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, describe, expect, it } from "@jest/globals";
import sharp from "sharp";

import { imageConfig, ImageService, type ImageServiceOptions } from "../src/image.js";
import { videoConfig } from "../src/video.js";
import { photo, rejection } from "./images.js";

const started: ImageService[] = [];
afterEach(async () => {
  for (const images of started.splice(0)) await images.stop({ signal: AbortSignal.abort() });
});

function service(
  options: ImageServiceOptions = {},
  deps: ConstructorParameters<typeof ImageService>[1] = {},
): ImageService {
  const images = new ImageService(options, deps);
  started.push(images);
  return images;
}

/** Takes sharp a second or so. */
const slow = { format: "webp", effort: "small", width: 2400, enlarge: true, quality: 100 } as const;

describe("ImageService, calls", () => {
  it("rejects at once with the signal's reason, and holds the place of what sharp still does", async () => {
    const images = service({ concurrency: 1 });
    const image = await photo(1200, 900);
    const controller = new AbortController();
    const call = images.process(image, slow, { signal: controller.signal });
    while (sharp.counters().process === 0) await new Promise(setImmediate);
    const reason = new Error("nobody waits");
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    // sharp can't be told to stop: what comes next waits until it has ended by itself
    expect(sharp.counters().process).toBe(1);
    let most = 0;
    const watch = setInterval(() => {
      const { process, queue } = sharp.counters();
      most = Math.max(most, process + queue);
    }, 1);
    await images.process(image, { width: 100 });
    clearInterval(watch);
    expect(most).toBe(1);
  });

  it("lets no more than concurrency into sharp, however many calls and images there are", async () => {
    const images = service({ concurrency: 2 });
    const image = await photo(600, 400);
    let most = 0;
    const watch = setInterval(() => {
      const { process, queue } = sharp.counters();
      most = Math.max(most, process + queue);
    }, 1);
    const list = [400, 300, 200].map((width) => ({
      width,
      crop: { left: 0, top: 0, width: 500, height: 300 },
    }));
    await Promise.all(Array.from({ length: 12 }, () => images.processMany(image, list)));
    clearInterval(watch);
    expect(most).toBe(2);
    expect(images.stats()).toMatchObject({ done: 12, failed: 0, active: 0, waiting: 0 });
  });

  it("refuses more callers than may wait", async () => {
    const images = service({ concurrency: 1, maxWaiting: 1 });
    const image = await photo(600, 400);
    const calls = [0, 1, 2].map(() => images.process(image, { width: 10 }));
    expect(await rejection(calls[2]!)).toMatchObject({
      code: "ERR_PROCESSOR_BUSY",
      status: 503,
      retryable: true,
    });
    await Promise.all(calls.slice(0, 2));
  });

  it("a call holds its place until it is over", async () => {
    const images = service({ concurrency: 1, timeout: "1h" });
    const controller = new AbortController();
    const first = rejection(images.metadata(new PassThrough(), controller));
    const second = images.metadata(await photo(10, 10));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(images.stats()).toMatchObject({ active: 1, waiting: 1, done: 0 });
    controller.abort(new Error("enough"));
    expect((await first).message).toBe("enough");
    await expect(second).resolves.toMatchObject({ width: 10 });
  });

  it("gives up after the timeout", async () => {
    const images = service({ timeout: 30 });
    const error = await rejection(images.process(await photo(1200, 900), slow));
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_TIMEOUT", details: { timeoutMs: 30 } });
  });

  it("does not wait for a stream that never gives anything", async () => {
    const images = service({ timeout: 30 });
    expect(await rejection(images.metadata(new PassThrough()))).toMatchObject({
      code: "ERR_PROCESSOR_TIMEOUT",
    });
  });

  it("stop() waits for calls under way, lets nothing more in, and ends when its signal does", async () => {
    const images = service();
    const image = await photo(300, 200);
    const under = images.process(image, { width: 100 });
    await Promise.all([images.stop(), images.stop()]);
    await expect(under).resolves.toMatchObject({ width: 100 });
    expect(await rejection(images.process(image, {}))).toMatchObject({
      code: "ERR_PROCESSOR_STOPPED",
    });
    expect(await images.health()).toMatchObject({ status: "down" });

    const other = service();
    const long = rejection(other.process(await photo(1200, 900), slow));
    await other.stop({ signal: AbortSignal.abort() });
    expect(await long).toMatchObject({ code: "ERR_PROCESSOR_STOPPED" });
  });

  it("says so when there is no such file", async () => {
    const error = await rejection(service().metadata({ path: "/nowhere/photo.jpg" }));
    expect(error.code).toBe("ERR_FILES_NOT_FOUND");
    for (const path of ["/dev/zero", "."]) {
      expect((await rejection(service().metadata({ path }))).code).toBe("ERR_FILES_WRONG_KIND");
    }
  });

  it("refuses what is no input", async () => {
    const images = service();
    for (const input of ["photo.jpg", 5, null, {}]) {
      expect((await rejection(images.metadata(input as never))).message).toContain(
        "input must be bytes",
      );
    }
  });

  it("keeps sharp's own cache off, unless told otherwise", async () => {
    await service().start();
    expect(sharp.cache().memory.max).toBe(0);
  });
});

/** The few calls of a storage that derivatives take. */
function memoryStorage(): Storage & {
  readonly files: Map<string, { content: Buffer; metadata: object }>;
} {
  const files = new Map<string, { content: Buffer; metadata: object }>();
  const find = (fileId: string) => {
    const file = files.get(fileId);
    if (!file) throw new NotFoundError(fileId);
    return file;
  };
  return {
    files,
    getMetadata: async (fileId: string) => ({ fileId, metadata: find(fileId).metadata }),
    getFileContent: async (fileId: string) => find(fileId).content,
    storeFile: async ({
      key,
      content,
      metadata,
    }: {
      key: string;
      content: Buffer;
      metadata: object;
    }) => {
      files.set(key, { content, metadata });
      return key;
    },
  } as never;
}

function memoryCache(): Cache & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  const cache: Cache & { readonly values: Map<string, unknown> } = {
    values,
    get: async (key: string) => values.get(key),
    set: async (key: string, value: unknown) => void values.set(key, structuredClone(value)),
    namespace: () => cache,
  } as never;
  return cache;
}

const custom = (name: string) => ({ name, apply: (pipeline: unknown) => pipeline });

describe("ImageService, in an application", () => {
  it("takes its section of the configuration, and its collaborators by their tokens", async () => {
    const images = service(imageConfig.defaults());
    await expect(images.process(await photo(30, 20), { width: 10 })).resolves.toMatchObject({
      width: 10,
    });
    expect(ImageService.provides.name).toBe("images");
    expect(Object.keys(ImageService.inject)).toEqual([
      "options",
      "storage",
      "cache",
      "logger",
      "clock",
    ]);
    expect(await images.health()).toEqual({ status: "up", details: { active: 0, waiting: 0 } });
  });

  it("has every option of its section among its own", () => {
    const own = new Set(Object.keys(imageConfig.settings));
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    for (const name of own) expect(readme).toContain(`\`${name}\``);
    for (const name of Object.keys(videoConfig.settings)) expect(readme).toContain(`\`${name}\``);
  });
});

describe("ImageService, derivatives", () => {
  it.each(["storage", "cache"] as const)(
    "are made once, by content and operations, in a %s",
    async (derivatives) => {
      const storage = memoryStorage();
      const cache = memoryCache();
      const images = service({ derivatives }, { storage, cache });
      const image = await photo(300, 200);
      const first = await images.process(image, { width: 100, format: "webp" });
      const again = await images.process(Buffer.from(image), { format: "webp", width: 100 });
      expect(again).toEqual(first);
      expect(images.stats()).toMatchObject({ derivativeHits: 1, derivativeMisses: 1 });
      await images.process(image, { width: 101, format: "webp" });
      await images.process(await photo(301, 200), { width: 100, format: "webp" });
      expect(images.stats()).toMatchObject({ derivativeHits: 1, derivativeMisses: 3 });
      expect(derivatives === "storage" ? storage.files.size : cache.values.size).toBe(3);
      for (const key of storage.files.keys())
        expect(key).toMatch(/^derivatives\/[0-9a-f]{2}\/[0-9a-f]{64}$/);
    },
  );

  it("calls at the same time make one", async () => {
    const images = service(
      { derivatives: "storage", concurrency: 3 },
      { storage: memoryStorage() },
    );
    const image = await photo(300, 200);
    const [a, b] = await Promise.all([0, 1].map(() => images.process(image, { width: 50 })));
    expect(a!.data).toBe(b!.data);
  });

  it("a watermark or a custom operation of another name is another derivative", async () => {
    const images = service({ derivatives: "storage" }, { storage: memoryStorage() });
    const image = await photo(300, 200);
    await images.process(image, { watermark: { image: await photo(10, 10) } });
    await images.process(image, { watermark: { image: await photo(11, 10) } });
    await images.process(image, { custom: custom("a") });
    await images.process(image, { custom: custom("b") });
    await images.process(image, { custom: custom("b") });
    expect(images.stats()).toMatchObject({ derivativeHits: 1, derivativeMisses: 4 });
  });

  it("a store that fails costs time, not the image", async () => {
    const broken = {
      getMetadata: async () => {
        throw new Error("down");
      },
      storeFile: async () => {
        throw new Error("down");
      },
    };
    const images = service({ derivatives: "storage" }, { storage: broken as never });
    await expect(images.process(await photo(30, 20), { width: 10 })).resolves.toMatchObject({
      width: 10,
    });
  });
});

describe("ImageService, in a sandbox", () => {
  const sandbox = { sandbox: true, sandboxExecArgv: sourceFlags } as const;

  it("does the same work in a process of its own", async () => {
    const images = service(sandbox);
    const image = await photo(300, 200);
    const made = await images.process(image, { width: 100, format: "png" });
    expect(Buffer.isBuffer(made.data)).toBe(true);
    expect(
      made.data.equals((await service().process(image, { width: 100, format: "png" })).data),
    ).toBe(true);
    expect(await images.metadata(image)).toMatchObject({ format: "jpeg", width: 300 });
    expect(await images.dominantColour(image)).toMatch(/^#[0-9a-f]{6}$/);
    expect((await images.placeholder(image)).value).toContain("data:image/webp");
    const error = await rejection(images.process(Buffer.from("no image"), {}));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_UNSUPPORTED_FORMAT",
      details: { type: "text/plain" },
    });
  });

  it("is killed with what it does when nobody waits any more", async () => {
    const images = service({ ...sandbox, concurrency: 1 });
    await images.start();
    const image = await photo(1200, 900);
    const controller = new AbortController();
    const call = images.process(image, slow, { signal: controller.signal });
    controller.abort(new Error("nobody waits"));
    expect((await rejection(call)).message).toBe("nobody waits");
    await expect(images.process(image, { width: 10 })).resolves.toMatchObject({ width: 10 });
  });

  it("dies of what takes too much memory, alone", async () => {
    const images = service({ ...sandbox, sandboxMemory: "150mb" });
    // to be turned, it is held as a whole: 192 MB
    const image = await sharp({
      create: { width: 8000, height: 8000, channels: 3, background: "#123" },
    })
      .jpeg()
      .toBuffer();
    const error = await rejection(images.process(image, { width: 100, rotate: 90 }));
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_SANDBOX_MEMORY", status: 413 });
  });

  it("takes no function", async () => {
    const images = service(sandbox);
    expect(
      (await rejection(images.process(await photo(10, 10), { custom: custom("x") }))).message,
    ).toContain("sandbox");
  });
});
