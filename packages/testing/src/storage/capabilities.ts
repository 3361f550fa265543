import { expect, it } from "../runner.js";
import { bytesOf, chunksOf } from "./content.js";
import type { Suite } from "./suite.js";

/** What only some providers can do. */
export function describeCapabilities(suite: Suite): void {
  suite.withMethod("getMetadata", "tells all that was stored with a file", async (has) => {
    const before = Date.now();
    await has.storeFile({
      key: "k.pdf",
      content: "12345",
      contentType: "application/pdf",
      contentDisposition: 'attachment; filename="a.pdf"',
      cacheControl: "max-age=60",
      metadata: { owner: "jürgen", "x-1": "100 %", empty: "", odd: "=?x?=" },
    });
    const metadata = await has.getMetadata("k.pdf");
    expect(metadata).toMatchObject({
      fileId: "k.pdf",
      sizeBytes: 5,
      contentType: "application/pdf",
      contentDisposition: 'attachment; filename="a.pdf"',
      cacheControl: "max-age=60",
      metadata: { owner: "jürgen", "x-1": "100 %", empty: "", odd: "=?x?=" },
      crc32: "cbf53a1c",
    });
    expect(metadata.etag).toMatch(/^"[^"]+"$/);
    // to the second: not everybody remembers more
    expect(metadata.modifiedAt.getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(metadata.modifiedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
  });

  suite.withMethod(
    "getMetadata",
    "has defaults, and another etag for another content",
    async (has) => {
      await suite.put("k", "one");
      const first = await has.getMetadata("k");
      expect(first).toMatchObject({ contentType: "application/octet-stream", metadata: {} });
      expect(Object.keys(first)).not.toEqual(expect.arrayContaining(["sha256", "cacheControl"]));
      await suite.put("k", "two");
      const second = await has.getMetadata("k");
      expect(second.etag).not.toBe(first.etag);
      await expect(has.getMetadata("no")).rejects.toMatchObject({ status: 404 });
    },
  );

  suite.withMethod("getFileStream", "gives the whole, a range, the rest", async (has) => {
    const content = bytesOf(suite.streamBytes);
    await has.storeFile({ key: "k", content });
    const read = async (range?: { start: number; end?: number }): Promise<Buffer> =>
      Buffer.concat(await chunksOf(await has.getFileStream("k", { range })));
    expect(content.equals(await read())).toBe(true);
    expect(content.subarray(0, 1).equals(await read({ start: 0, end: 0 }))).toBe(true);
    expect(
      content.subarray(70_000, 140_001).equals(await read({ start: 70_000, end: 140_000 })),
    ).toBe(true);
    expect(content.subarray(-5).equals(await read({ start: suite.streamBytes - 5 }))).toBe(true);
    expect(
      content.subarray(-5).equals(await read({ start: suite.streamBytes - 5, end: 1e12 })),
    ).toBe(true);
    await expect(
      has.getFileStream("k", { range: { start: suite.streamBytes } }),
    ).rejects.toMatchObject({
      status: 416,
    });
    await expect(has.getFileStream("no")).rejects.toMatchObject({ status: 404 });
  });

  suite.withMethod("getFileStream", "gives an empty file", async (has) => {
    await suite.put("k", "");
    expect(await chunksOf(await has.getFileStream("k"))).toEqual([]);
  });

  suite.withMethod("getFileStream", "is let go of early, and ends with its signal", async (has) => {
    await has.storeFile({ key: "k", content: bytesOf(suite.streamBytes) });
    for await (const chunk of await has.getFileStream("k")) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const controller = new AbortController();
    const stream = await has.getFileStream("k", { signal: controller.signal });
    const reading = (async () => {
      for await (const chunk of stream) {
        expect(chunk.length).toBeGreaterThan(0);
        controller.abort(new Error("enough"));
      }
    })();
    await expect(reading).rejects.toThrow("enough");
  });

  const { damage } = suite.options;
  const undamaged = typeof damage === "string" ? ` (skipped: ${damage})` : "";
  (undamaged === "" ? it : it.skip)(
    `getFileContent() and getFileStream(): a damaged file is an error${undamaged}`,
    async () => {
      if (typeof damage === "string") return;
      await suite.put("k", "sound as a bell");
      await damage("k");
      await expect(suite.provider.getFileContent("k")).rejects.toMatchObject({
        code: "ERR_STORAGE_CORRUPT",
      });
      if (!suite.provider.getFileStream) return;
      const read = async (): Promise<unknown> => chunksOf(await suite.provider.getFileStream!("k"));
      await expect(read()).rejects.toMatchObject({ code: "ERR_STORAGE_CORRUPT" });
      // a part can't be told from a sound one
      const part = await suite.provider.getFileStream("k", { range: { start: 6, end: 7 } });
      expect(String(Buffer.concat(await chunksOf(part)))).toBe("as");
    },
  );

  suite.withMethod("list", "gives pages in the order of the keys' bytes", async (has) => {
    expect(await has.list()).toEqual({ files: [], cursor: undefined });
    const keys = [
      "a!",
      "a/b/c",
      "a/b!",
      "a/z",
      "a0",
      "b",
      "ab/c",
      "é",
      "z/1",
      "Z",
      "\u{1f600}",
      "\uffee",
    ];
    for (const key of keys) await suite.put(key);
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const limit of [1, 2, 5, 12, 100]) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await has.list({ limit, cursor });
        expect(page.files.length).toBeLessThanOrEqual(limit);
        found.push(...page.files.map(({ fileId }) => fileId));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(found).toEqual(sorted);
    }
    const ids = async (prefix: string): Promise<string[]> =>
      (await has.list({ prefix })).files.map(({ fileId }) => fileId);
    expect(await ids("a/")).toEqual(["a/b!", "a/b/c", "a/z"]);
    expect(await ids("a/b")).toEqual(["a/b!", "a/b/c"]);
    expect(await ids("a")).toEqual(["a!", "a/b!", "a/b/c", "a/z", "a0", "ab/c"]);
    expect(await ids("nothing")).toEqual([]);
    const [file] = (await has.list({ prefix: "a/z" })).files;
    expect(file).toMatchObject({ fileId: "a/z", sizeBytes: 3 });
    expect(file?.modifiedAt.getTime()).toBeGreaterThan(0);
    expect(file?.etag).toBe((await has.getMetadata?.("a/z"))?.etag);
  });

  suite.withMethod("copy", "takes all with it, and leaves the original", async (has) => {
    const metadata = { contentType: "image/png", cacheControl: "no-store", metadata: { a: "1" } };
    await has.storeFile({ key: "from me/é", content: "content", ...metadata });
    await suite.put("to", "old");
    await has.copy("from me/é", "to");
    expect([await suite.text("from me/é"), await suite.text("to")]).toEqual(["content", "content"]);
    expect(await has.getMetadata?.("to")).toMatchObject({ fileId: "to", ...metadata });
    await expect(has.copy("no", "to")).rejects.toMatchObject({ status: 404 });
    expect(await suite.text("to")).toBe("content");
  });

  suite.withMethod("move", "takes all with it, and leaves nothing", async (has) => {
    const metadata = { contentType: "image/png", cacheControl: "no-store", metadata: { a: "1" } };
    await has.storeFile({ key: "from/here", content: "content", ...metadata });
    await suite.put("to/there", "old");
    await has.move("from/here", "to/there");
    expect(await has.exists("from/here")).toBe(false);
    expect(await suite.text("to/there")).toBe("content");
    expect(await has.getMetadata?.("to/there")).toMatchObject({
      fileId: "to/there",
      ...metadata,
    });
    await expect(has.move("no", "to/there")).rejects.toMatchObject({ status: 404 });
    expect(await suite.text("to/there")).toBe("content");
    expect(await suite.leftovers()).toEqual([]);
  });

  suite.withMethod("deleteMany", "deletes what is there", async (has) => {
    for (const key of ["a", "b/c", "keep"]) await suite.put(key);
    await has.deleteMany(["a", "no", "b/c"]);
    expect(await Promise.all(["a", "b/c", "keep"].map((key) => has.exists(key)))).toEqual([
      false,
      false,
      true,
    ]);
    await has.deleteMany([]);
  });

  suite.withMethod("health", "is up", async (has) => {
    expect(await has.health()).toMatchObject({ status: "up" });
  });
}
