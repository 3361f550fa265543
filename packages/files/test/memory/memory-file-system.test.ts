import { describe, expect, it } from "@jest/globals";

import { Files, MemoryFileSystem } from "../../src/index.js";
import { describeFileSystemContract } from "../contract/file-system-contract.js";

describeFileSystemContract("MemoryFileSystem", async () => {
  const fileSystem = new MemoryFileSystem();
  await fileSystem.makeDirectory("/box");
  return { fileSystem, directory: "/box", close: async () => undefined };
});

describe("MemoryFileSystem", () => {
  it("holds no more than its capacity", async () => {
    const files = new Files(new MemoryFileSystem({ capacity: "1kb" }));
    await files.write("/a", "x".repeat(1000));
    await expect(files.write("/b", "x".repeat(25))).rejects.toMatchObject({
      code: "ERR_FILES_NO_SPACE",
      status: 503,
    });
    expect((await files.space("/")).availableBytes).toBe(24);
    await files.write("/a", "x");
    await files.copy("/a", "/b");
    await files.move("/a", "/b", { overwrite: true });
    expect((await files.space("/")).availableBytes).toBe(1023);
    await files.remove("/b");
    expect((await files.space("/")).availableBytes).toBe(1024);
  });

  it("hands out and takes in bytes, never its own", async () => {
    const files = new Files(new MemoryFileSystem());
    const given = new Uint8Array([1, 2, 3]);
    await files.write("/a", given);
    given[0] = 9;
    const read = await files.readBytes("/a");
    read[1] = 9;
    expect([...(await files.readBytes("/a"))]).toEqual([1, 2, 3]);
  });

  it("has the temporary directory", async () => {
    const files = new Files(new MemoryFileSystem());
    await using temp = await files.tempDirectory();
    expect(await files.exists(temp.path)).toBe(true);
  });

  it("refuses options that are none", () => {
    expect(() => new MemoryFileSystem({ capacity: "big" as "1mb" })).toThrow("capacity must be");
    expect(() => new MemoryFileSystem({ maxQueuedWrites: -1 })).toThrow("maxQueuedWrites");
  });
});
