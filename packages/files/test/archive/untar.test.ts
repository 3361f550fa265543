import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import { beforeEach, describe, expect, it } from "@jest/globals";
import { packTar, type TarHeader } from "modern-tar";

import { untar, type ExtractOptions } from "../../src/archive.js";
import { Files, MemoryFileSystem } from "../../src/index.js";

type Entry = Partial<TarHeader> & { readonly name: string; readonly data?: string | Uint8Array };

const makeTar = (entries: readonly Entry[]) =>
  packTar(
    entries.map(({ data = "", ...header }) => ({
      header: { size: Buffer.byteLength(data), ...header },
      body: data,
    })),
  );

describe("untar()", () => {
  let files: Files;
  const extract = async (entries: readonly Entry[], options: ExtractOptions = {}) => {
    await files.write("/box/a.tar", await makeTar(entries));
    return untar("/box/a.tar", "/box/out", { files, ...options });
  };
  const assertNothing = async () => {
    const names = (await files.list("/box")).map(({ name }) => name);
    expect(names).toEqual(["a.tar"]);
  };

  beforeEach(async () => {
    files = new Files(new MemoryFileSystem());
    await files.makeDirectory("/box");
  });

  const tree = [
    { name: "dir/", type: "directory", size: 0 },
    { name: "./dir/a.txt", data: "hello", mtime: new Date("2001-02-03T04:05:06Z") },
    { name: "b.sh", data: "#!/bin/sh", mode: 0o4777 },
  ] as const;

  it("extracts files, directories, executables and times", async () => {
    expect(await extract(tree)).toEqual({ files: 2, bytes: 14 });
    expect(await files.readText("/box/out/dir/a.txt")).toBe("hello");
    expect((await files.stat("/box/out/dir/a.txt")).modifiedAt.getFullYear()).toBe(2001);
    expect((await files.stat("/box/out/b.sh")).mode).toBe(0o755);
  });

  it("takes gzip, and a stream", async () => {
    const packed = gzipSync(await makeTar(tree));
    await files.write("/box/a.tgz", packed);
    expect(await untar("/box/a.tgz", "/box/out", { files })).toEqual({ files: 2, bytes: 14 });
    const bytes = (async function* () {
      for (const byte of packed) yield new Uint8Array([byte]);
    })();
    expect(await untar(bytes, "/box/out2", { files })).toEqual({ files: 2, bytes: 14 });
    expect(await files.readText("/box/out2/dir/a.txt")).toBe("hello");
  });

  it.each(["../evil", "dir/../../evil", "/etc/evil", "C:/evil", "..\\evil", "dir/.."])(
    "refuses the name %j, and extracts nothing of the archive",
    async (name) => {
      await expect(
        extract([
          { name: "good", data: "x" },
          { name, data: "evil" },
        ]),
      ).rejects.toMatchObject({ code: "ERR_FILES_UNSAFE_ARCHIVE", details: { entry: name } });
      await assertNothing();
    },
  );

  it.each(["symlink", "link"] as const)("refuses a %s, or leaves it out", async (type) => {
    const entries = [
      { name: "x", type, linkname: "/etc", size: 0 },
      { name: "x/passwd", data: "evil" },
    ];
    await expect(extract(entries)).rejects.toMatchObject({
      code: "ERR_FILES_UNSAFE_ARCHIVE",
      details: { entry: "x" },
    });
    await assertNothing();
    expect(await extract(entries, { links: "skip" })).toEqual({ files: 1, bytes: 4 });
    expect(await files.exists("/etc/passwd")).toBe(false);
  });

  it("refuses devices, and two entries of one name", async () => {
    for (const entries of [
      [{ name: "dev", type: "character-device", size: 0 }],
      [{ name: "pipe", type: "fifo", size: 0 }],
      [
        { name: "a", data: "x" },
        { name: "a", data: "y" },
      ],
    ] satisfies Entry[][]) {
      await expect(extract(entries)).rejects.toMatchObject({ code: "ERR_FILES_UNSAFE_ARCHIVE" });
      await assertNothing();
    }
  });

  it("stops at maxEntries, maxSize and maxRatio", async () => {
    const many = Array.from({ length: 11 }, (_, n) => ({ name: `${n}`, data: "x" }));
    await expect(extract(many, { maxEntries: 10 })).rejects.toMatchObject({
      code: "ERR_FILES_ARCHIVE_LIMIT",
      details: { limit: "maxEntries" },
    });
    await expect(extract(many, { maxSize: 5000 })).rejects.toMatchObject({
      details: { limit: "maxSize" },
    });
    await assertNothing();
    const bomb = gzipSync(await makeTar([{ name: "zeros", data: new Uint8Array(8 * 1024 ** 2) }]));
    const stream = (async function* () {
      yield bomb;
    })();
    await expect(untar(stream, "/box/out", { files })).rejects.toMatchObject({
      details: { limit: "maxRatio" },
    });
    await assertNothing();
  });

  it("refuses what is no archive, is damaged, or is cut short", async () => {
    const whole = await makeTar(tree);
    const damaged = Uint8Array.from(whole);
    damaged[600] = damaged[600]! ^ 1;
    for (const bytes of [
      Buffer.from("no archive".repeat(100)),
      damaged,
      whole.subarray(0, 1600),
      gzipSync(whole).subarray(0, -20),
      Buffer.from([0x1f, 0x8b, 1, 2, 3]),
    ]) {
      await files.write("/box/a.tar", bytes);
      await expect(untar("/box/a.tar", "/box/out", { files })).rejects.toMatchObject({
        code: "ERR_FILES_INVALID_ARCHIVE",
      });
      await assertNothing();
    }
    await expect(untar("/box/none", "/box/out", { files })).rejects.toMatchObject({
      code: "ERR_FILES_NOT_FOUND",
    });
  });

  it("stops a download that does not go on when the signal aborts", async () => {
    const control = new AbortController();
    const reason = new Error("enough");
    const start = (await makeTar(tree)).subarray(0, 700);
    const stuck = (async function* () {
      yield start;
      setImmediate(() => control.abort(reason));
      await new Promise(() => undefined);
    })();
    await expect(untar(stuck, "/box/out", { files, signal: control.signal })).rejects.toBe(reason);
    expect(await files.list("/box")).toEqual([]);
  });

  it("reads what the system's tar writes, on the disk", async () => {
    const directory = await mkdtemp(join(tmpdir(), "untar-"));
    try {
      const disk = new Files();
      const long = `${"long".repeat(30)}.txt`;
      await disk.makeDirectory(join(directory, "in", "deep"));
      await disk.write(join(directory, "in", "deep", long), "long");
      await disk.write(join(directory, "in", "run"), "x", { mode: 0o700 });
      const archive = join(directory, "a.tar.gz");
      await promisify(execFile)("tar", ["czf", archive, "-C", join(directory, "in"), "."]);
      await untar(archive, join(directory, "out"));
      expect(await disk.readText(join(directory, "out", "deep", long))).toBe("long");
      expect((await stat(join(directory, "out", "run"))).mode & 0o777).toBe(0o755);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
