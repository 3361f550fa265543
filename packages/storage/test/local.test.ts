import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";

import { ManualClock } from "@infra/testing";
import { beforeEach, afterEach, describe, expect, it } from "@jest/globals";

import { LocalStorageProvider } from "../src/drivers/local.js";
import { temporaryFolder } from "./providers.js";

let directory: string;
let provider: LocalStorageProvider;
beforeEach(async () => {
  directory = join(await temporaryFolder(), "files");
  provider = new LocalStorageProvider({ directory });
});
afterEach(() => provider.stop());

/** Every file below the folder, as paths. */
async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
    .toSorted();
}

/** The sidecars, without the lock of this process. */
const sidecars = async (): Promise<string[]> =>
  (await filesOnDisk()).filter((path) => path.startsWith(".infra/meta"));

describe("LocalStorageProvider files", () => {
  it("lie under their keys, with nothing added", async () => {
    await provider.storeFile({ key: "avatars/1.txt", content: "hello" });
    expect(await readFile(join(directory, "avatars/1.txt"), "utf8")).toBe("hello");
    expect(provider.directory).toBe(directory);
  });

  it("that others have put there are files like any other", async () => {
    await mkdir(join(directory, "docs"), { recursive: true });
    await writeFile(join(directory, "docs/page.html"), "<!doctype html>");
    expect(await provider.getMetadata("docs/page.html")).toMatchObject({
      sizeBytes: 15,
      contentType: "text/html",
      metadata: {},
    });
    expect((await provider.list()).files).toHaveLength(1);
    await provider.move("docs/page.html", "moved.html");
    expect(await provider.getMetadata("moved.html")).toMatchObject({ contentType: "text/html" });
  });

  it("that others have changed lose what was remembered of the old content", async () => {
    await provider.storeFile({ key: "a.txt", content: "old", metadata: { by: "me" } });
    await writeFile(join(directory, "a.txt"), "changed");
    await utimes(join(directory, "a.txt"), 1, 1);
    expect(await provider.getMetadata("a.txt")).toMatchObject({ sizeBytes: 7, metadata: {} });
    expect(String(await provider.getFileContent("a.txt"))).toBe("changed");
  });

  it("can't be reached through links, and not outside the folder", async () => {
    await provider.start();
    await writeFile(join(directory, "..", "secret"), "s3cret");
    await symlink(join(directory, "..", "secret"), join(directory, "link"));
    await symlink(join(directory, ".."), join(directory, "up"));
    for (const key of ["link", "up/secret", "../secret", "up/new"]) {
      await expect(provider.getFileContent(key)).rejects.toMatchObject({ status: 403 });
      await expect(provider.storeFile({ key, content: "x" })).rejects.toMatchObject({
        status: 403,
      });
    }
    expect(await readFile(join(directory, "..", "secret"), "utf8")).toBe("s3cret");
    expect((await provider.list()).files).toEqual([]);
  });

  it("can't have the key of a folder, nor a folder their own", async () => {
    await provider.storeFile({ key: "a/b", content: "x" });
    const conflict = { code: "ERR_STORAGE_KEY_CONFLICT", status: 409, details: { fileId: "a" } };
    await expect(provider.storeFile({ key: "a", content: "x" })).rejects.toMatchObject(conflict);
    await expect(provider.storeFile({ key: "a/b/c", content: "x" })).rejects.toMatchObject({
      code: "ERR_STORAGE_KEY_CONFLICT",
    });
    await expect(provider.getFileContent("a")).rejects.toMatchObject({ status: 404 });
    await expect(provider.getFileContent("a/b/c")).rejects.toMatchObject({ status: 404 });
    expect(await sidecars()).toHaveLength(1);
  });
});

describe("LocalStorageProvider clears up", () => {
  it("old sidecars, folders that got empty, and its own at the end", async () => {
    for (const content of ["1", "2", "3"]) await provider.storeFile({ key: "a/b/c", content });
    expect(await sidecars()).toHaveLength(1);
    await provider.move("a/b/c", "d");
    expect(await sidecars()).toHaveLength(1);
    expect(await readdir(directory)).toEqual([".infra", "d"]);
    await provider.deleteFile("d");
    await provider.stop();
    expect(await filesOnDisk()).toEqual([]);
    expect(await readdir(join(directory, ".infra/writers"))).toEqual([]);
  });

  it("what a writer left that was killed: before, between and after the two steps", async () => {
    await provider.storeFile({ key: "k", content: "kept", metadata: { n: "1" } });
    const [kept] = await sidecars();
    await provider.stop();
    // as a process leaves it that was killed: nobody holds the lock of its folder
    const hash = kept!.split("/").at(-1)!.split(".")[0]!;
    const work = `.infra/writers/dead/${hash}-1`;
    await mkdir(join(directory, work), { recursive: true });
    await writeFile(join(directory, work, "content"), "half");
    const stale = join(directory, kept!.replace(/\.[^.]+\.json$/, ".abc-1.json"));
    await writeFile(stale, JSON.stringify({ key: "k", staged: `${work}/content`, metadata: {} }));
    await mkdir(join(directory, ".infra/writers/.infra-0123456789abcdef.tmp"));
    await utimes(join(directory, ".infra/writers/.infra-0123456789abcdef.tmp"), 1, 1);
    await provider.start();
    expect(await filesOnDisk()).toEqual([kept, "k"]);
    expect(await provider.getMetadata("k")).toMatchObject({ metadata: { n: "1" } });
  });

  it("not what another process is writing", async () => {
    const other = new LocalStorageProvider({ directory });
    const source = new Readable({ read() {} });
    const storing = other.storeFile({ key: "k", content: source });
    source.push("begun ");
    await untilStaged();
    await provider.start();
    await provider.storeFile({ key: "k", content: "in between" });
    source.push("ended");
    source.push(null);
    await storing;
    expect(String(await provider.getFileContent("k"))).toBe("begun ended");
    expect(await sidecars()).toHaveLength(1);
    await other.stop();
  });
});

async function untilStaged(): Promise<void> {
  for (;;) {
    const paths = await filesOnDisk().catch(() => []);
    if (paths.some((path) => path.endsWith("/content"))) return;
    await new Promise(setImmediate);
  }
}

async function writeSome(by: LocalStorageProvider, name: string): Promise<void> {
  for (let n = 0; n < 8; n += 1) {
    const content = `${name}${n}`.padEnd(10, ".");
    await by.storeFile({ key: "k", content, metadata: { content } });
  }
}

describe("LocalStorageProvider versions", () => {
  it("differ although the clock stands still and the sizes are the same", async () => {
    await provider.stop();
    provider = new LocalStorageProvider({ directory }, { clock: new ManualClock() });
    const etags = new Set<string | undefined>();
    for (let n = 0; n < 5; n += 1) {
      await provider.storeFile({ key: "k", content: String(n), metadata: { n: String(n) } });
      const { etag, metadata } = await provider.getMetadata("k");
      expect(metadata["n"]).toBe(String(n));
      etags.add(etag);
    }
    expect(etags.size).toBe(5);
  });

  it("stay when a file is moved, and differ from those of what it replaces", async () => {
    await provider.stop();
    provider = new LocalStorageProvider({ directory }, { clock: new ManualClock() });
    await provider.storeFile({ key: "a", content: "1", metadata: { n: "1" } });
    const { etag } = await provider.getMetadata("a");
    await provider.move("a", "b");
    expect(await provider.getMetadata("b")).toMatchObject({ etag, metadata: { n: "1" } });
    // written at the same moment, and as long
    await provider.storeFile({ key: "c", content: "2", metadata: { n: "2" } });
    expect((await provider.getMetadata("c")).etag).toBe(etag);
    await provider.move("c", "b");
    const moved = await provider.getMetadata("b");
    expect(moved.metadata).toEqual({ n: "2" });
    expect(moved.etag).not.toBe(etag);
    expect(await filesOnDisk()).toHaveLength(3);
  });

  it("are prepared in one folder, however many are the first", async () => {
    const keys = ["a", "b", "c", "d", "e"];
    let largest = 0;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      const folders = await readdir(join(directory, ".infra/writers"));
      largest = Math.max(largest, folders.filter((name) => !name.endsWith(".lock")).length);
      yield Buffer.from("content");
    };
    await Promise.all(keys.map((key) => provider.storeFile({ key, content: content() })));
    expect(largest).toBe(1);
    await provider.stop();
    expect(await readdir(join(directory, ".infra/writers"))).toEqual([]);
  });

  it("have the metadata that belongs to them, with many writers and readers at once", async () => {
    await provider.stop();
    provider = new LocalStorageProvider({ directory, durable: false });
    const other = new LocalStorageProvider({ directory, durable: false });
    await writeSome(provider, "first");
    const state = { isWriting: true };
    const writing = Promise.all([writeSome(provider, "a"), writeSome(other, "b")]).finally(
      () => (state.isWriting = false),
    );
    while (state.isWriting) {
      const { metadata } = await provider.getMetadata("k");
      expect(metadata["content"]).toHaveLength(10);
      await provider.getFileContent("k");
    }
    await writing;
    const content = String(await provider.getFileContent("k"));
    expect((await provider.getMetadata("k")).metadata["content"]).toBe(content);
    expect(await sidecars()).toHaveLength(1);
    await other.stop();
  }, 30_000);
});

describe("LocalStorageProvider.list()", () => {
  it("gives what is left when files go while it looks", async () => {
    for (const key of ["a/1", "a/2", "b/1"]) await provider.storeFile({ key, content: "x" });
    await rm(join(directory, "a"), { recursive: true });
    expect((await provider.list()).files.map(({ fileId }) => fileId)).toEqual(["b/1"]);
  });
});

describe("LocalStorageProvider.health()", () => {
  it("is down when the folder can't be", async () => {
    await writeFile(directory, "a file");
    expect(await provider.health()).toMatchObject({ status: "down" });
    expect((await stat(directory)).isFile()).toBe(true);
  });
});
