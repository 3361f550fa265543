import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { isTemporaryName } from "../../src/index.js";
import { untilTrue, type Workspace } from "./workspace.js";

/** What locks, temporary paths and the rest do on a file system. */
export function describeLocking(space: Workspace): void {
  it(".tempDirectory() and .tempFile() last as long as their scope", async () => {
    let inside = "";
    {
      await using temp = await space.files.tempDirectory({ parent: space.directory });
      await using file = await space.files.tempFile({ parent: space.directory, name: "a.csv" });
      inside = temp.path;
      await space.files.write(join(inside, "a"), "x");
      await space.files.write(file.path, "x");
      expect((await space.files.stat(inside)).mode & 0o077).toBe(0);
      expect(file.path.endsWith("a.csv")).toBe(true);
      expect((await space.names(space.directory)).every(isTemporaryName)).toBe(true);
    }
    expect(await space.names(space.directory)).toEqual([]);
    await expect(space.files.tempFile({ name: "../a" })).rejects.toThrow(TypeError);
  });

  describe(".lock()", () => {
    it("lets one in, names the holder, and lets the next in when it is released", async () => {
      {
        await using lock = await space.files.lock(space.at("a"));
        expect(lock.signal.aborted).toBe(false);
        await expect(space.files.lock(space.at("a"))).rejects.toMatchObject({
          code: "ERR_FILES_LOCKED",
          details: { pid: process.pid },
        });
      }
      const lock = await space.files.lock(space.at("a"));
      await lock.release();
      await lock.release();
      expect(await space.names(space.directory)).toEqual([]);
    });

    it("waits its turn, and never lets two in", async () => {
      let inside = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          await using lock = await space.files.lock(space.at("a"), { wait: "30s" });
          inside += 1;
          most = Math.max(most, inside);
          expect(await space.files.exists(`${lock.path}.lock`)).toBe(true);
          inside -= 1;
        }),
      );
      expect(most).toBe(1);
    });

    it("stops waiting when the signal aborts", async () => {
      await using held = await space.files.lock(space.at("a"));
      const control = new AbortController();
      const reason = new Error("enough");
      const waiting = space.files.lock(held.path, { wait: "30s", signal: control.signal });
      setImmediate(() => control.abort(reason));
      await expect(waiting).rejects.toBe(reason);
      await untilTrue(async () => (await space.names(space.directory)).length === 1);
    });
  });

  it(".space() tells the room there is", async () => {
    const { totalBytes, freeBytes, availableBytes } = await space.files.space(space.directory);
    expect(totalBytes).toBeGreaterThan(0);
    expect(freeBytes).toBeLessThanOrEqual(totalBytes);
    expect(availableBytes).toBeLessThanOrEqual(freeBytes);
  });
}
