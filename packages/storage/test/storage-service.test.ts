import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

import {
  Secret,
  tokens,
  type IStorageProvider,
  type Logger,
  type Storage,
  type StoreFileOptions,
} from "@infra/interfaces";
import { silentLogger } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { MemoryStorageProvider } from "../src/drivers/memory.js";
import {
  storageConfig,
  StorageService,
  type StorageEvent,
  type StorageServiceOptions,
} from "../src/index.js";
import { temporaryFolder } from "./providers.js";

const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

/** The four methods that are required, and nothing else. */
class SmallProvider implements IStorageProvider {
  readonly files = new Map<string, Buffer>();
  async storeFile({ key = "new", content }: StoreFileOptions): Promise<string> {
    const chunks: Uint8Array[] = [];
    if (typeof content === "string") chunks.push(Buffer.from(content));
    else if (content instanceof Uint8Array) chunks.push(content);
    else for await (const chunk of content) chunks.push(chunk);
    this.files.set(key, Buffer.concat(chunks));
    return key;
  }
  async getFileContent(fileId: string): Promise<Buffer> {
    const file = this.files.get(fileId);
    if (!file) throw Object.assign(new Error("gone"), { code: "MINE" });
    return file;
  }
  async deleteFile(fileId: string): Promise<void> {
    if (fileId.includes("locked")) throw new Error(`${fileId} is locked`);
    this.files.delete(fileId);
  }
  async exists(fileId: string): Promise<boolean> {
    return this.files.has(fileId);
  }
}

const noDisk = async () => ({ status: "down", message: "no disk" }) as const;

const textOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = "";
  for await (const chunk of stream) text += String(Buffer.from(chunk));
  return text;
};

let storage: StorageService;
beforeEach(() => {
  storage = new StorageService({ url: "memory:" });
});
afterEach(() => storage.stop());

describe("StorageService", () => {
  it("answers to tokens.storage, and takes its section as options", () => {
    expect(StorageService.provides).toBe(tokens.storage);
    expectTypeOf<StorageService>().toExtend<Storage>();
    expectTypeOf(storageConfig.defaults()).toExtend<StorageServiceOptions>();
    expect(() => new StorageService(storageConfig.defaults())).not.toThrow();
  });
});

describe("StorageService options", () => {
  it.each([
    [{ url: "ftp://x" }, "url must begin with file:, memory: or s3://"],
    [{ url: "file:" }, "url must name a directory"],
    [{ url: "s3://" }, "url must read"],
    [{ url: "s3://b?nonsense=1" }, 'url has the parameter "nonsense"'],
    [{ url: "s3://b?checksums=maybe" }, 'checksums must be "true" or "false"'],
    [{ maxSize: "many" as never }, "maxSize must be bytes"],
    [{ allowedTypes: ["png"] }, 'allowedTypes must hold types such as "image/png"'],
    [{ publicUrl: "/files" }, "publicUrl must be an http(s) URL"],
    [{ signedUrlExpiry: "soon" as never }, "signedUrlExpiry must be"],
  ])("refuse %j", (options, message) => {
    expect(() => new StorageService(options)).toThrow(message);
  });

  it("show no secret", () => {
    const url = "s3://KEY:hunter2@bucket?region=x";
    expect(new StorageService({ url: new Secret(url) }).url).toBe("s3://KEY:***@bucket?region=x");
    expect(() => new StorageService({ signingKey: "hunter2" })).toThrow(
      "signingKey must have at least 16 characters, got 7 (not shown)",
    );
  });
});

describe("StorageService.registerProvider()", () => {
  it("makes a provider known by its name, and by its option the default", async () => {
    const [small, other] = [new SmallProvider(), new SmallProvider()];
    storage.registerProvider("small", small);
    storage.registerProvider("other", other, { default: true });
    expect(await storage.storeFile({ key: "a", content: "small", provider: "small" })).toBe("a");
    await storage.storeFile({ key: "a", content: "other" });
    await storage.storeFile({ key: "a", content: "memory", provider: "default" });
    expect(String(small.files.get("a"))).toBe("small");
    expect(String(other.files.get("a"))).toBe("other");
    expect(String(await storage.getFileContent("a", { provider: "default" }))).toBe("memory");
    expect(await storage.getProvider("small")).toBe(small);
  });

  it("refuses a name that is taken, an unknown one, and what is no provider", async () => {
    storage.registerProvider("small", new SmallProvider());
    expect(() => storage.registerProvider("small", new SmallProvider())).toThrow('"small" already');
    expect(() => storage.registerProvider("bad", { storeFile() {} } as never)).toThrow(
      "getFileContent()",
    );
    await expect(storage.exists("a", { provider: "nope" })).rejects.toThrow(
      new RangeError('provider must be one of "default", "small", got "nope"'),
    );
  });

  it("replaces the provider of the URL as long as nobody used it", async () => {
    const small = new SmallProvider();
    storage.registerProvider("default", small);
    await storage.storeFile({ key: "a", content: "x" });
    expect(small.files.size).toBe(1);
    expect(() => storage.registerProvider("default", new SmallProvider())).toThrow("already");
  });

  it("starts and stops it with the service, once", async () => {
    const calls: string[] = [];
    const provider = Object.assign(new SmallProvider(), {
      start: async () => void calls.push("start"),
      stop: async () => void calls.push("stop"),
    });
    storage.registerProvider("p", provider);
    await storage.start();
    await storage.start();
    await storage.exists("a", { provider: "p" });
    await Promise.all([storage.stop(), storage.stop()]);
    expect(calls).toEqual(["start", "stop"]);
    await expect(storage.exists("a")).rejects.toMatchObject({ code: "ERR_STORAGE_STOPPED" });
  });

  it("tries again to start one that could not", async () => {
    let tries = 0;
    const start = async (): Promise<void> => {
      if ((tries += 1) === 1) throw new Error("not yet");
    };
    storage.registerProvider("p", Object.assign(new SmallProvider(), { start }));
    await expect(storage.exists("a", { provider: "p" })).rejects.toThrow("not yet");
    expect(await storage.exists("a", { provider: "p" })).toBe(false);
  });
});

describe("a provider with nothing but the four methods", () => {
  beforeEach(() => storage.registerProvider("small", new SmallProvider(), { default: true }));

  it("has streams and ranges, copies, moves and many deletions", async () => {
    await storage.storeFile({ key: "a", content: "0123456789" });
    expect(await textOf(await storage.getFileStream("a"))).toBe("0123456789");
    expect(await textOf(await storage.getFileStream("a", { range: { start: 2, end: 4 } }))).toBe(
      "234",
    );
    await expect(storage.getFileStream("a", { range: { start: 10 } })).rejects.toMatchObject({
      status: 416,
    });
    await storage.copy("a", "b");
    await storage.move("b", "c");
    expect([await storage.exists("b"), String(await storage.getFileContent("c"))]).toEqual([
      false,
      "0123456789",
    ]);
    await storage.deleteMany(["a", "c"]);
    expect(await storage.exists("a")).toBe(false);
  });

  it("names what it lacks", async () => {
    for (const [method, call] of [
      ["getMetadata", () => storage.getMetadata("a")],
      ["list", () => storage.list()],
    ] as const) {
      await expect(call()).rejects.toMatchObject({
        code: "ERR_STORAGE_UNSUPPORTED",
        message: `the storage provider "small" has no ${method}: it has no method ${method}()`,
        details: { provider: "small", capability: method },
      });
    }
  });

  it("deleteMany() tries all, and tells which failed", async () => {
    await storage.storeFile({ key: "z", content: "x" });
    const error = await storage.deleteMany(["locked/1", "z", "locked/2"]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toBe("2 of 3 files could not be deleted");
    expect(error.errors).toHaveLength(2);
    expect(await storage.exists("z")).toBe(false);
  });
});

describe("StorageService.storeFile()", () => {
  it("refuses a bad key before a provider sees it", async () => {
    const small = new SmallProvider();
    storage.registerProvider("small", small, { default: true });
    for (const key of ["../etc/passwd", "a/../../b", "a\0b", ""]) {
      await expect(storage.storeFile({ key, content: "x" })).rejects.toMatchObject({ status: 400 });
      await expect(storage.getFileContent(key)).rejects.toMatchObject({
        code: "ERR_STORAGE_INVALID_KEY",
      });
      await expect(storage.copy("a", key)).rejects.toMatchObject({
        code: "ERR_STORAGE_INVALID_KEY",
      });
      await expect(storage.deleteMany(["a", key])).rejects.toMatchObject({ status: 400 });
    }
    expect(small.files.size).toBe(0);
  });

  it("stores the file at a path", async () => {
    const path = join(await temporaryFolder(), "photo.png");
    await writeFile(path, png);
    await storage.storeFile({ key: "avatar", path });
    expect(await storage.getMetadata("avatar")).toMatchObject({
      sizeBytes: 16,
      contentType: "image/png",
    });
    await expect(storage.storeFile({ path: `${path}.no` })).rejects.toMatchObject({ status: 404 });
    await expect(storage.storeFile({ path, content: "both" } as never)).rejects.toThrow("not both");
  });

  it.each([
    ["a.txt", "plain text", "text/plain"],
    ["a.csv", "a,b\n1,2", "text/csv"],
    ["a.txt", png, "image/png"],
    ["noname", png, "image/png"],
    ["page.png", "<!doctype html><html>", "text/html"],
    ["empty.json", "", "application/json"],
    ["x", Buffer.from([0, 1, 2]), "application/octet-stream"],
  ])("finds out the type of %s by its content", async (key, content, type) => {
    for (const given of [content, () => Readable.from([Buffer.from(content)])]) {
      await storage.storeFile({ key, content: typeof given === "function" ? given() : given });
      expect((await storage.getMetadata(key)).contentType).toBe(type);
    }
    await storage.storeFile({ key, content, contentType: "x/own" });
    expect((await storage.getMetadata(key)).contentType).toBe("x/own");
  });

  it.each([
    [{ contentType: "a\r\nSet-Cookie: x" }, "contentType must be printable ASCII"],
    [{ contentDisposition: 'attachment; filename="ü"' }, "see attachment()"],
    [{ cacheControl: "a\0" }, "cacheControl must be printable ASCII"],
    [{ sha256: "abc" }, "sha256 must be 64 digits in hex"],
    [{ metadata: { Upper: "x" } }, "metadata: names are lower-case"],
    [{ metadata: { "infra-sha256": "x" } }, "metadata: names"],
    [{ metadata: { a: "x\ny" } }, "metadata.a must have no control characters"],
    [{ metadata: { a: 1 as never } }, "metadata.a must be a string, got number"],
    [{ metadata: { a: "x".repeat(1900) } }, "more than 1900 bytes, got 1901"],
    [{ sizeBytes: -1 }, "sizeBytes must be a whole number"],
    [{ maxSize: "x" as never }, "maxSize must be"],
    [{ allowedTypes: ["*"] }, "allowedTypes must hold"],
  ])("refuses %j", async (options, message) => {
    const content = Readable.from([Buffer.from("x")]);
    await expect(storage.storeFile({ key: "k", content, ...options })).rejects.toThrow(message);
    expect(await storage.exists("k")).toBe(false);
  });

  it("refuses content that is none", async () => {
    for (const content of [null, 5, {}]) {
      await expect(storage.storeFile({ content: content as never })).rejects.toThrow(
        "content must be a string, a Uint8Array or a stream",
      );
    }
  });

  it("uses the ids that it was given", async () => {
    let made = 0;
    const ids = { next: () => `id-${(made += 1)}` };
    const service = new StorageService({ url: "memory:" }, { ids });
    expect(await service.storeFile({ content: "x" })).toBe("id-1");
    await service.stop();
  });
});

describe("StorageService events, stats and health", () => {
  it("tell what happened, and a listener that throws changes nothing", async () => {
    const logged: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (message) => logged.push(message),
      child: () => logger,
    };
    const service = new StorageService({ url: "memory:" }, { logger, clock: new ManualClock() });
    service.registerProvider("two", new MemoryStorageProvider());
    const events: StorageEvent[] = [];
    const unsubscribe = service.subscribe((event) => events.push(event));
    service.subscribe(() => {
      throw new Error("of the listener");
    });
    await service.storeFile({ key: "a", content: "12345" });
    await service.copy("a", "b", { toProvider: "two" });
    await service.move("a", "c");
    await service.getFileContent("no").catch(() => undefined);
    await textOf(await service.getFileStream("c"));
    await service.delete("c");
    unsubscribe();
    await service.delete("b");
    expect(events).toEqual([
      { type: "stored", provider: "default", fileId: "a", sizeBytes: 5, elapsedMs: 0 },
      { type: "copied", provider: "default", fileId: "a", toProvider: "two", toFileId: "b" },
      { type: "moved", provider: "default", fileId: "a", toProvider: "default", toFileId: "c" },
      {
        type: "failed",
        provider: "default",
        operation: "getFileContent",
        fileId: "no",
        error: expect.objectContaining({ code: "ERR_STORAGE_NOT_FOUND" }),
      },
      { type: "deleted", provider: "default", fileId: "c" },
    ]);
    expect(logged).toContain("a listener of storage events threw");
    expect(service.stats()).toEqual({
      providers: {
        default: { succeeded: 6, failed: 1, active: 0, storedBytes: 5, readBytes: 10 },
        two: { succeeded: 0, failed: 0, active: 0, storedBytes: 5, readBytes: 0 },
      },
    });
    await service.stop();
  });

  it("health names the provider that is down", async () => {
    await storage.start();
    expect(await storage.health()).toEqual({ status: "up", details: { default: "up" } });
    storage.registerProvider("bad", Object.assign(new SmallProvider(), { health: noDisk }));
    await storage.exists("a", { provider: "bad" });
    expect(await storage.health()).toEqual({
      status: "down",
      message: "bad is down: no disk",
      details: { default: "up", bad: "down" },
    });
    await storage.stop();
    expect(await storage.health()).toMatchObject({ status: "down" });
  });
});

describe("StorageService.stop()", () => {
  it("waits for calls under way", async () => {
    const source = new Readable({ read() {} });
    const storing = storage.storeFile({ key: "k", content: source });
    source.push("some");
    let stopped = false;
    const stopping = storage.stop().then(() => (stopped = true));
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    source.push(null);
    expect(await storing).toBe("k");
    await stopping;
  });

  it("gives up what takes longer than stopTimeout", async () => {
    const clock = new ManualClock();
    const service = new StorageService({ url: "memory:", stopTimeout: "3s" }, { clock });
    const source = new Readable({ read() {} });
    const storing = service.storeFile({ key: "k", content: source }).catch((error) => error);
    source.push("some");
    await new Promise(setImmediate);
    const stopping = service.stop();
    await clock.advance(3000);
    expect(await storing).toMatchObject({ code: "ERR_STORAGE_STOPPED" });
    await stopping;
    expect(source.destroyed).toBe(true);
  });

  it("ends with the signal of its context", async () => {
    const source = new Readable({ read() {} });
    const storing = storage.storeFile({ key: "k", content: source }).catch((error) => error);
    await new Promise(setImmediate);
    await storage.stop({ signal: AbortSignal.abort() });
    expect(await storing).toMatchObject({ code: "ERR_STORAGE_STOPPED" });
  });
});

describe("StorageService.getFileContent()", () => {
  it("is bounded by maxContentSize, and by the call", async () => {
    const service = new StorageService({ url: "memory:", maxContentSize: 4 });
    await service.storeFile({ key: "k", content: "12345" });
    await expect(service.getFileContent("k")).rejects.toMatchObject({ status: 413 });
    expect(String(await service.getFileContent("k", { maxBytes: 5 }))).toBe("12345");
    await service.stop();
  });
});
