import { Readable } from "node:stream";

import { afterEach, beforeEach, expect, it } from "@jest/globals";

import { StorageService } from "../src/index.js";
import { describeOnProviders } from "./providers.js";

const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const streamed = (bytes: Buffer): Readable =>
  Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]);

describeOnProviders("what may come in", (create) => {
  let service: StorageService;
  beforeEach(async () => {
    service = new StorageService({
      url: "memory:",
      maxSize: "1kb",
      allowedTypes: ["image/*", "text/csv"],
    });
    service.registerProvider("p", await create(), { default: true });
  });
  afterEach(() => service.stop());

  it("is bounded in size, of the service and of the call", async () => {
    const large = Buffer.concat([png, Buffer.alloc(1024)]);
    for (const content of [large, streamed(large)]) {
      await expect(service.storeFile({ key: "k", content })).rejects.toMatchObject({
        status: 413,
        message: '"k" is larger than 1024 bytes (maxSize)',
      });
    }
    await expect(service.storeFile({ key: "k", content: png, maxSize: 15 })).rejects.toMatchObject({
      status: 413,
    });
    const lying = streamed(large);
    await expect(
      service.storeFile({ key: "k", content: lying, sizeBytes: 20 }),
    ).rejects.toMatchObject({
      code: "ERR_STORAGE_SIZE",
    });
    expect(lying.destroyed).toBe(true);
    expect(await service.exists("k")).toBe(false);
  });

  it("is told by its content, whatever it is called", async () => {
    await service.storeFile({ key: "a", content: streamed(png) });
    await service.storeFile({ key: "b.csv", content: "a,b" });
    const html = Buffer.from("<!doctype html><script>alert(1)</script>");
    for (const [key, content, type] of [
      ["photo.png", html, "text/html"],
      ["a.png", Buffer.from([1, 2, 3, 0]), "application/octet-stream"],
      ["a.webm", Buffer.from([1, 2, 3, 0]), "application/octet-stream"],
      ["empty.png", Buffer.alloc(0), "application/octet-stream"],
    ] as const) {
      for (const given of [content, Readable.from([content])]) {
        await expect(service.storeFile({ key, content: given })).rejects.toMatchObject({
          code: "ERR_STORAGE_TYPE_REFUSED",
          status: 415,
          details: { type },
        });
      }
      expect(await service.exists(key)).toBe(false);
    }
    await expect(
      service.storeFile({ key: "c", content: png, contentType: "text/html" }),
    ).rejects.toMatchObject({ details: { type: "text/html" } });
    await expect(
      service.storeFile({ key: "c", content: png, allowedTypes: ["image/jpeg"] }),
    ).rejects.toMatchObject({ status: 415 });
  });

  it("is no shorter than was said, and not cut off", async () => {
    const short = service.storeFile({ key: "k", content: streamed(png), sizeBytes: 17 });
    await expect(short).rejects.toMatchObject({ code: "ERR_STORAGE_SIZE", status: 400 });
    const cut = new Readable({ read() {} });
    cut.push(png);
    const storing = service.storeFile({ key: "k", content: cut });
    setImmediate(() => cut.destroy());
    await expect(storing).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
    expect(await service.exists("k")).toBe(false);
  });
});
