import type { IStorageProvider } from "@infra/interfaces";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { LocalStorageProvider } from "../src/drivers/local.js";
import { MemoryStorageProvider } from "../src/drivers/memory.js";
import { StorageService, type MigrateProgress } from "../src/index.js";
import { describeOnProviders, temporaryFolder } from "./providers.js";

let storage: StorageService;
beforeEach(() => {
  storage = new StorageService({ url: "memory:" });
});
afterEach(() => storage.stop());

const keysOf = async (provider: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { fileId } of storage.listAll({ provider, limit: 2 })) keys.push(fileId);
  return keys;
};

describeOnProviders("StorageService between providers", (create) => {
  beforeEach(async () => {
    storage.registerProvider(
      "disk",
      new LocalStorageProvider({ directory: await temporaryFolder() }),
    );
    storage.registerProvider("other", await create());
  });

  it("copies and moves, with all that is remembered", async () => {
    const attributes = {
      contentType: "image/png",
      contentDisposition: "inline",
      cacheControl: "no-store",
      metadata: { owner: "jürgen" },
    };
    await storage.storeFile({ key: "a/b", content: "content", provider: "disk", ...attributes });
    await storage.copy("a/b", "c", { provider: "disk", toProvider: "other" });
    expect(await storage.getMetadata("c", { provider: "other" })).toMatchObject({
      sizeBytes: 7,
      ...attributes,
    });
    await storage.move("c", "d", { provider: "other", toProvider: "disk" });
    expect(await keysOf("other")).toEqual([]);
    expect(await storage.getMetadata("d", { provider: "disk" })).toMatchObject({
      sizeBytes: 7,
      ...attributes,
    });
    await expect(
      storage.move("no", "x", { provider: "disk", toProvider: "other" }),
    ).rejects.toMatchObject({
      status: 404,
    });
  });

  it("migrates all there is, and, run again, only what is new or changed", async () => {
    const keys = ["a", "b/1", "b/2", "b/3", "c"];
    for (const key of keys) await storage.storeFile({ key, content: key, provider: "disk" });
    const seen: MigrateProgress[] = [];
    const options = {
      from: "disk",
      to: "other",
      onProgress: (each: MigrateProgress) => seen.push(each),
    };
    expect(await storage.migrate(options)).toEqual({ copied: 5, skipped: 0, copiedBytes: 11 });
    expect(await keysOf("other")).toEqual(keys);
    expect(seen).toHaveLength(5);
    expect(seen.at(-1)).toMatchObject({ copied: 5, skipped: 0, copiedBytes: 11 });
    await storage.storeFile({ key: "b/2", content: "neu", provider: "disk" });
    await storage.storeFile({ key: "d", content: "d", provider: "disk" });
    expect(await storage.migrate(options)).toEqual({ copied: 2, skipped: 4, copiedBytes: 4 });
    expect(String(await storage.getFileContent("b/2", { provider: "other" }))).toBe("neu");
    expect(await storage.migrate({ ...options, prefix: "b/", deleteSource: true })).toMatchObject({
      skipped: 3,
    });
    expect(await keysOf("disk")).toEqual(["a", "c", "d"]);
  });
});

describe("StorageService.migrate()", () => {
  it("goes on after an error where it was", async () => {
    const [from, to] = [new MemoryStorageProvider(), new MemoryStorageProvider()];
    for (let n = 0; n < 2500; n += 1) {
      await from.storeFile({ key: String(n).padStart(4, "0"), content: "x" });
    }
    let fails = true;
    const store: IStorageProvider["storeFile"] = to.storeFile.bind(to);
    to.storeFile = async (options) => {
      if (fails && options.key === "1500") throw new Error("the disk is full");
      return store(options);
    };
    storage.registerProvider("from", from);
    storage.registerProvider("to", to);
    let last: MigrateProgress | undefined;
    const options = {
      from: "from",
      to: "to",
      onProgress: (each: MigrateProgress) => (last = each),
    };
    await expect(storage.migrate(options)).rejects.toThrow("the disk is full");
    expect(last!.cursor).toBe("0999");
    expect(last!.copied).toBeLessThan(1510);
    fails = false;
    const { copied, skipped } = await storage.migrate({ ...options, cursor: last!.cursor });
    expect(copied + skipped).toBe(1500);
    expect(skipped).toBeGreaterThan(490);
    for await (const { fileId } of storage.listAll({ provider: "from" })) {
      expect(await to.exists(fileId)).toBe(true);
    }
  }, 30_000);

  it("ends with its signal, and refuses one and the same provider", async () => {
    storage.registerProvider("to", new MemoryStorageProvider());
    for (const key of ["a", "b"]) await storage.storeFile({ key, content: "x" });
    const controller = new AbortController();
    const migrating = storage.migrate({
      from: "default",
      to: "to",
      concurrency: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(migrating).rejects.toThrow("enough");
    await expect(storage.migrate({ from: "to", to: "to" })).rejects.toThrow(
      "to must be another provider",
    );
  });
});
