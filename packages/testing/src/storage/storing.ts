import { createHash } from "node:crypto";
import { Readable } from "node:stream";

import type { StoreProgress } from "@infra/interfaces";

import { describe, expect, it } from "../runner.js";
import { bytesOf, streamOf } from "./content.js";
import type { Suite } from "./suite.js";

/** Files that are stored, read and deleted. */
export function describeStoring(suite: Suite): void {
  describe("storeFile() and getFileContent()", () => {
    it.each<[string, () => string | Uint8Array | AsyncIterable<Uint8Array>, string]>([
      ["text", () => "grüße", "grüße"],
      ["an empty text", () => "", ""],
      ["bytes", () => new Uint8Array([104, 105]), "hi"],
      ["a part of a larger buffer", () => Buffer.from("xxhixx").subarray(2, 4), "hi"],
      ["a stream of Node.js", () => Readable.from([Buffer.from("a"), Buffer.from("b")]), "ab"],
      ["a web stream", () => new Response("web").body as never, "web"],
      ["a stream of nothing", () => Readable.from([]), ""],
    ])("keep %s", async (_what, content, expected) => {
      expect(await suite.provider.storeFile({ key: "a/b.txt", content: content() })).toBe(
        "a/b.txt",
      );
      const found = await suite.provider.getFileContent("a/b.txt");
      expect(Buffer.isBuffer(found)).toBe(true);
      expect(String(found)).toBe(expected);
    });

    it("make a key when none is given", async () => {
      const first = await suite.provider.storeFile({ content: "1" });
      const second = await suite.provider.storeFile({ content: "2" });
      expect(first).not.toBe(second);
      expect([await suite.text(first), await suite.text(second)]).toEqual(["1", "2"]);
    });

    it.each(["Ünï/çødé 日本.txt", "a b+c&d=e?#%25'()*!~.txt", ".hidden/..dots..", '<x>/"y"'])(
      "keep the key %j",
      async (key) => {
        await suite.put(key, "here");
        expect(await suite.text(key)).toBe("here");
        expect(await suite.provider.exists(key)).toBe(true);
        if (suite.provider.list) {
          expect((await suite.provider.list()).files.map(({ fileId }) => fileId)).toEqual([key]);
        }
      },
    );

    it("replace a file, unless told otherwise", async () => {
      await suite.put("k", "old");
      await suite.put("k", "new");
      expect(await suite.text("k")).toBe("new");
      await expect(
        suite.provider.storeFile({ key: "k", content: "third", overwrite: false }),
      ).rejects.toMatchObject({ status: 409 });
      expect(await suite.text("k")).toBe("new");
      await suite.provider.storeFile({ key: "other", content: "first", overwrite: false });
      expect(await suite.text("other")).toBe("first");
    });

    it("let one of many win that store a new file at once, with overwrite: false", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) =>
          suite.provider.storeFile({ key: "one", content: `by ${n}`, overwrite: false }),
        ),
      );
      const winners = results.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
      expect(winners).toHaveLength(1);
      expect(await suite.text("one")).toBe(`by ${winners[0]}`);
      expect(await suite.leftovers()).toEqual([]);
    });

    it("hold the content against sha256", async () => {
      await suite.put("k", "old");
      const sha256 = createHash("sha256").update("new").digest("hex");
      for (const content of ["other", () => Readable.from([Buffer.from("other")])]) {
        const given = typeof content === "string" ? content : content();
        await expect(
          suite.provider.storeFile({ key: "k", content: given, sha256 }),
        ).rejects.toMatchObject({
          status: 400,
        });
      }
      expect(await suite.text("k")).toBe("old");
      await suite.provider.storeFile({ key: "k", content: "new", sha256: sha256.toUpperCase() });
      expect(await suite.text("k")).toBe("new");
      const metadata = await suite.provider.getMetadata?.("k");
      expect(metadata?.sha256 ?? sha256).toBe(sha256);
      expect(await suite.leftovers()).toEqual([]);
    });

    it("refuse to read more than maxBytes", async () => {
      await suite.put("k", "12345");
      expect(String(await suite.provider.getFileContent("k", { maxBytes: 5 }))).toBe("12345");
      await expect(suite.provider.getFileContent("k", { maxBytes: 4 })).rejects.toMatchObject({
        status: 413,
      });
    });

    it("reject with a NotFoundError for what is not there", async () => {
      await expect(suite.provider.getFileContent("no/such")).rejects.toMatchObject({ status: 404 });
    });

    it("tell of their progress, up to the end", async () => {
      const seen: StoreProgress[] = [];
      const content = bytesOf(suite.streamBytes);
      await suite.provider.storeFile({
        key: "k",
        content: streamOf(content),
        sizeBytes: suite.streamBytes,
        onProgress: (progress) => seen.push(progress),
      });
      const stored = seen.map(({ storedBytes }) => storedBytes);
      expect(stored).toEqual(stored.toSorted((a, b) => a - b));
      expect(seen.at(-1)).toEqual({
        storedBytes: suite.streamBytes,
        totalBytes: suite.streamBytes,
      });
      expect(content.equals(await suite.provider.getFileContent("k"))).toBe(true);
    });
  });

  describe("exists() and deleteFile()", () => {
    it("delete a file, and do nothing when there is none", async () => {
      await suite.put("a/b/c");
      expect(await suite.provider.exists("a/b/c")).toBe(true);
      expect(await suite.provider.exists("a/b")).toBe(false);
      await suite.provider.deleteFile("a/b/c");
      expect(await suite.provider.exists("a/b/c")).toBe(false);
      await suite.provider.deleteFile("a/b/c");
      await suite.provider.deleteFile("a");
      // nothing is left of the folders either
      await suite.put("a/b", "a file now");
      expect(await suite.text("a/b")).toBe("a file now");
    });
  });
}
