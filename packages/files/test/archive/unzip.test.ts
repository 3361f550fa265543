import { beforeEach, describe, expect, it } from "@jest/globals";

import { unzip, type ExtractOptions } from "../../src/archive.js";
import { Files, MemoryFileSystem } from "../../src/index.js";
import { makeZip, type ZipEntry } from "./make-zip.js";

describe("unzip()", () => {
  let files: Files;
  const extract = async (entries: readonly ZipEntry[], options: ExtractOptions = {}) => {
    await files.write("/box/a.zip", makeZip(entries));
    return unzip("/box/a.zip", "/box/out", { files, ...options });
  };
  /** That nothing came out, in the destination or beside it. */
  const assertNothing = async () => {
    const names = (await files.list("/box")).map(({ name }) => name);
    expect(names).toEqual(["a.zip"]);
  };

  beforeEach(async () => {
    files = new Files(new MemoryFileSystem());
    await files.makeDirectory("/box");
  });

  it("extracts files, directories, executables and times", async () => {
    const result = await extract([
      { name: "dir/", mode: 0o040755 },
      { name: "dir/a.txt", data: "hello" },
      { name: "deep/er/b.sh", data: "#!/bin/sh", mode: 0o104777 },
      { name: "grün.txt", data: "grün" },
    ]);
    expect(result).toEqual({ files: 3, bytes: 19 });
    expect(await files.readText("/box/out/dir/a.txt")).toBe("hello");
    expect(await files.readText("/box/out/grün.txt")).toBe("grün");
    expect((await files.stat("/box/out/deep/er/b.sh")).mode).toBe(0o755);
    expect((await files.stat("/box/out/dir/a.txt")).mode).toBe(0o644);
    expect((await files.stat("/box/out/dir/a.txt")).modifiedAt.getFullYear()).toBe(1980);
  });

  it.each([
    "../evil",
    "dir/../../evil",
    "/etc/evil",
    "C:/evil",
    "C:evil",
    "..\\evil",
    "dir\\..\\..\\evil",
    "a\0b",
    "a\nb",
    "dir/..",
    "",
  ])("refuses the name %j, and extracts nothing of the archive", async (name) => {
    await expect(
      extract([
        { name: "good", data: "x" },
        { name, data: "evil" },
      ]),
    ).rejects.toMatchObject({ code: "ERR_FILES_UNSAFE_ARCHIVE", details: { entry: name } });
    await assertNothing();
  });

  it("refuses links, or leaves them out when told to", async () => {
    const entries = [
      { name: "link", data: "/etc", mode: 0o120777 },
      { name: "a", data: "x" },
    ];
    await expect(extract(entries)).rejects.toMatchObject({
      code: "ERR_FILES_UNSAFE_ARCHIVE",
      details: { entry: "link" },
    });
    await assertNothing();
    expect(await extract(entries, { links: "skip" })).toEqual({ files: 1, bytes: 1 });
    expect((await files.list("/box/out")).map(({ name }) => name)).toEqual(["a"]);
  });

  it("refuses to write through a link that an entry before has made a directory of", async () => {
    const entries = [
      { name: "dir", data: "/etc", mode: 0o120777 },
      { name: "dir/passwd", data: "evil" },
    ];
    expect(await extract(entries, { links: "skip" })).toEqual({ files: 1, bytes: 4 });
    expect(await files.readText("/box/out/dir/passwd")).toBe("evil");
    expect(await files.exists("/etc/passwd")).toBe(false);
  });

  it("refuses devices, encrypted entries, and two entries of one name", async () => {
    for (const entries of [
      [{ name: "dev", mode: 0o020666 }],
      [{ name: "a", data: "x", isEncrypted: true }],
      [
        { name: "a", data: "x" },
        { name: "./a", data: "y" },
      ],
      [
        { name: "a", data: "x" },
        { name: "a/b", data: "y" },
      ],
      [
        { name: "a/b", data: "x" },
        { name: "a", data: "y" },
      ],
    ]) {
      await expect(extract(entries)).rejects.toMatchObject({ code: "ERR_FILES_UNSAFE_ARCHIVE" });
      await assertNothing();
    }
  });

  it("stops at maxEntries, maxSize and maxRatio", async () => {
    const many = Array.from({ length: 11 }, (_, n) => ({ name: `${n}`, data: "x".repeat(100) }));
    await expect(extract(many, { maxEntries: 10 })).rejects.toMatchObject({
      code: "ERR_FILES_ARCHIVE_LIMIT",
      details: { limit: "maxEntries" },
    });
    await expect(extract(many, { maxSize: 1099 })).rejects.toMatchObject({
      details: { limit: "maxSize" },
    });
    await assertNothing();
    expect(await extract(many, { maxSize: 1100, maxEntries: 11 })).toEqual({
      files: 11,
      bytes: 1100,
    });
    await files.remove("/box/out", { recursive: true });
    const bomb = [{ name: "zeros", data: new Uint8Array(4 * 1024 ** 2) }];
    await expect(extract(bomb)).rejects.toMatchObject({ details: { limit: "maxRatio" } });
    await assertNothing();
    await extract(bomb, { maxRatio: 2000 });
  });

  it("counts entries that share their content, and does not believe the lengths they claim", async () => {
    const data = Buffer.alloc(900_000, "ab");
    const entries = Array.from({ length: 20 }, (_, n) => ({
      name: `f${n}`,
      data,
      ...(n > 0 && { overlaps: 0 }),
    }));
    await expect(extract(entries)).rejects.toMatchObject({ details: { limit: "maxRatio" } });
    await assertNothing();
    await expect(
      extract([{ name: "a", data: "x".repeat(5000), claimedSize: 10 }]),
    ).rejects.toMatchObject({ code: "ERR_FILES_INVALID_ARCHIVE" });
    await assertNothing();
  });

  it("refuses what is no archive, and one that is cut short", async () => {
    await files.write("/box/a.zip", "no archive");
    const noArchive = unzip("/box/a.zip", "/box/out", { files });
    await expect(noArchive).rejects.toMatchObject({ code: "ERR_FILES_INVALID_ARCHIVE" });
    const whole = makeZip([{ name: "a", data: "hello" }]);
    await files.write("/box/a.zip", whole.subarray(0, -30));
    const cut = unzip("/box/a.zip", "/box/out", { files });
    await expect(cut).rejects.toMatchObject({ code: "ERR_FILES_INVALID_ARCHIVE" });
    await assertNothing();
    await expect(unzip("/box/none.zip", "/box/out", { files })).rejects.toMatchObject({
      code: "ERR_FILES_NOT_FOUND",
    });
  });

  it("takes the place of an empty directory, and of nothing else", async () => {
    await files.makeDirectory("/box/out");
    await extract([{ name: "a", data: "x" }]);
    await expect(extract([{ name: "b", data: "x" }])).rejects.toMatchObject({
      code: "ERR_FILES_NOT_EMPTY",
    });
    expect((await files.list("/box/out")).map(({ name }) => name)).toEqual(["a"]);
  });

  it("stops when the signal aborts, and leaves nothing", async () => {
    const control = new AbortController();
    const reason = new Error("enough");
    const extracting = extract(
      Array.from({ length: 50 }, (_, n) => ({ name: `${n}`, data: "x" })),
      { signal: control.signal },
    );
    setImmediate(() => control.abort(reason));
    await expect(extracting).rejects.toBe(reason);
    await assertNothing();
  });

  it("refuses limits that are none", async () => {
    await expect(extract([], { maxEntries: 0 })).rejects.toThrow(
      "maxEntries must be a number from 1; got 0",
    );
    await expect(extract([], { maxRatio: NaN })).rejects.toThrow("maxRatio");
  });
});
