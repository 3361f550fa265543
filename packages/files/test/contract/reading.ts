import { describe, expect, it } from "@jest/globals";

import { toArray, type Workspace } from "./workspace.js";

/** What a file system does when content is read. */
export function describeReading(space: Workspace): void {
  describe(".read…()", () => {
    it("reads ranges and streams", async () => {
      await space.files.write(space.at("a"), "0123456789");
      const part = space.files.readStream(space.at("a"), { start: 2, end: 5 });
      expect(Buffer.concat(await part.toArray()).toString()).toBe("234");
      const beyond = space.files.readStream(space.at("a"), { start: 8, end: 20 });
      expect(Buffer.concat(await beyond.toArray()).toString()).toBe("89");
      const before = space.files.readStream(space.at("a"), { start: -1 });
      await expect(before.toArray()).rejects.toThrow("start must be a whole number from 0; got -1");
      const big = Buffer.alloc(300_000, "x");
      await space.files.write(space.at("big"), big);
      expect(Buffer.compare(await space.files.readBytes(space.at("big")), big)).toBe(0);
    });

    it("refuses more than maxSize, text that is none, and JSON that is none", async () => {
      await space.files.write(space.at("a"), Buffer.from([0x7b, 0xff, 0xfe]));
      await expect(space.files.readBytes(space.at("a"), { maxSize: 2 })).rejects.toMatchObject({
        code: "ERR_FILES_TOO_LARGE",
        details: { maxBytes: 2 },
      });
      await expect(space.files.readText(space.at("a"))).rejects.toMatchObject({
        code: "ERR_FILES_INVALID_CONTENT",
      });
      expect(await space.files.readText(space.at("a"), { encoding: "latin1" })).toBe("{ÿþ");
      await space.files.write(space.at("b"), "{");
      await expect(space.files.readJson(space.at("b"))).rejects.toMatchObject({
        code: "ERR_FILES_INVALID_CONTENT",
      });
    });

    it("says what is missing, or is a directory", async () => {
      await expect(space.files.readText(space.at("none"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
      await expect(space.files.readText(space.directory)).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
    });

    it("stops when the signal aborts", async () => {
      await space.files.write(space.at("big"), Buffer.alloc(200_000));
      const control = new AbortController();
      const chunks = space.files.fileSystem.read(space.at("big"), { signal: control.signal });
      const reason = new Error("enough");
      const reading = (async () => {
        for await (const chunk of chunks) control.abort(chunk && reason);
      })();
      await expect(reading).rejects.toBe(reason);
    });

    it("round-trips JSON and NDJSON", async () => {
      await space.files.writeJson(space.at("a.json"), { b: [1, null, "é"] });
      expect(await space.files.readJson(space.at("a.json"))).toEqual({ b: [1, null, "é"] });
      expect(await space.files.readText(space.at("a.json"))).toMatch(/^\{\n {2}"b": \[/);
      await space.files.writeNdjson(space.at("a.ndjson"), [{ a: 1 }, "two", [3]]);
      await space.files.append(space.at("a.ndjson"), "\r\n4");
      const values = await toArray(space.files.readNdjson(space.at("a.ndjson")));
      expect(values).toEqual([{ a: 1 }, "two", [3], 4]);
      await space.files.append(space.at("a.ndjson"), "\n{");
      await expect(toArray(space.files.readNdjson(space.at("a.ndjson")))).rejects.toMatchObject({
        code: "ERR_FILES_INVALID_CONTENT",
        details: { line: 6 },
      });
      await expect(space.files.writeJson(space.at("b"), undefined)).rejects.toThrow(TypeError);
    });

    it("bounds the length of a line", async () => {
      await space.files.write(space.at("a"), `short\n${"x".repeat(100)}`);
      const lines = space.files.readLines(space.at("a"), { maxLine: 50 });
      expect((await lines.next()).value).toBe("short");
      await expect(lines.next()).rejects.toMatchObject({ code: "ERR_FILES_TOO_LARGE" });
    });
  });

  it(".stat(), .exists() and .fileSystem.stat() tell what is there", async () => {
    await space.files.write(space.at("a"), "12345");
    expect(await space.files.stat(space.at("a"))).toMatchObject({ kind: "file", sizeBytes: 5 });
    expect((await space.files.stat(space.at("a"))).modifiedAt.getTime()).toBeGreaterThan(0);
    expect(await space.files.stat(space.directory)).toMatchObject({ kind: "directory" });
    expect(await space.files.exists(space.at("none"))).toBe(false);
    expect(await space.files.exists(space.at("a", "below a file"))).toBe(false);
    expect(await space.files.fileSystem.stat(space.at("none"))).toBeUndefined();
    await expect(space.files.stat(space.at("none"))).rejects.toMatchObject({
      code: "ERR_FILES_NOT_FOUND",
    });
  });

  it(".checksum() and .contentType() look at the content", async () => {
    await space.files.write(space.at("photo.txt"), Buffer.from("\x89PNG\r\n\x1a\n....", "latin1"));
    expect(await space.files.contentType(space.at("photo.txt"))).toEqual({
      type: "image/png",
      source: "content",
    });
    await space.files.write(space.at("a"), "hello");
    expect(await space.files.checksum(space.at("a"))).toBe(
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
    );
    expect(
      await space.files.checksum(space.at("a"), { algorithm: "md5", encoding: "base64" }),
    ).toBe("XUFAKrxLKna5cZ2REBfFkg==");
  });
}
