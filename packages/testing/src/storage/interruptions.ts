import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";

import { describe, expect, it } from "../runner.js";
import { bytesOf, streamOf } from "./content.js";
import type { Suite } from "./suite.js";

/** Writes that break off, and writes that others read through. */
export function describeInterruptions(suite: Suite): void {
  describe("a stream that breaks off", () => {
    const shares = [0, 0.01, 0.5, 0.99];

    it.each(shares)("by its signal at %d changes nothing", async (share) => {
      await suite.put("k", "old");
      const controller = new AbortController();
      const reason = new Error("given up");
      const content = streamOf(bytesOf(suite.streamBytes), share, async () => {
        controller.abort(reason);
        await setImmediate();
      });
      await expect(
        suite.provider.storeFile({
          key: "k",
          content,
          sizeBytes: suite.streamBytes,
          signal: controller.signal,
        }),
      ).rejects.toBe(reason);
      expect(await suite.text("k")).toBe("old");
      expect(await suite.leftovers()).toEqual([]);
    });

    it.each(shares)("by an error at %d changes nothing", async (share) => {
      const broken = new Error("the source broke");
      const content = streamOf(bytesOf(suite.streamBytes), share, () => Promise.reject(broken));
      await expect(suite.provider.storeFile({ key: "new/k", content })).rejects.toBe(broken);
      expect(await suite.provider.exists("new/k")).toBe(false);
      expect(await suite.leftovers()).toEqual([]);
    });

    it("that waits for ever ends with the signal, and its source is let go of", async () => {
      const source = new Readable({ read() {} });
      const controller = new AbortController();
      const storing = suite.provider.storeFile({
        key: "k",
        content: source,
        signal: controller.signal,
      });
      source.push("some");
      await setImmediate();
      controller.abort();
      await expect(storing).rejects.toMatchObject({ name: "AbortError" });
      expect(source.destroyed).toBe(true);
      expect(await suite.provider.exists("k")).toBe(false);
      expect(await suite.leftovers()).toEqual([]);
    });

    it("does not begin with a signal that is aborted", async () => {
      const signal = AbortSignal.abort(new Error("too late"));
      await expect(suite.provider.storeFile({ key: "k", content: "x", signal })).rejects.toThrow(
        "too late",
      );
      await expect(suite.provider.getFileContent("k", { signal })).rejects.toThrow("too late");
      await expect(suite.provider.exists("k", { signal })).rejects.toThrow("too late");
      await expect(suite.provider.deleteFile("k", { signal })).rejects.toThrow("too late");
    });
  });

  describe("readers and writers at once", () => {
    it("read a whole old or a whole new file", async () => {
      const contents = [0, 1, 2, 3].map((n) => Buffer.alloc(200_000, String(n)));
      await suite.provider.storeFile({ key: "k", content: contents[0]! });
      const isWhole = (found: Buffer): boolean => contents.some((content) => content.equals(found));
      const writing = (async () => {
        for (let n = 1; n <= 12; n += 1) {
          await suite.provider.storeFile({ key: "k", content: streamOf(contents[n % 4]!) });
        }
      })();
      const state = { isWriting: true };
      const done = writing.finally(() => (state.isWriting = false));
      let reads = 0;
      while (state.isWriting) {
        expect(isWhole(await suite.provider.getFileContent("k"))).toBe(true);
        reads += 1;
      }
      await done;
      expect(reads).toBeGreaterThan(0);
      expect(await suite.leftovers()).toEqual([]);
    });
  });
}
