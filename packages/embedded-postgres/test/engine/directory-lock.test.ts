import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import pg from "pg";

import { DirectoryLock } from "../../src/engine/directory-lock.js";
import { temporaryFolders } from "../temporary-folder.js";

const newFolder = temporaryFolders();

const folder = (): string => {
  const path = newFolder();
  mkdirSync(path);
  return path;
};

/** Leaves what a process leaves that was killed while it had the lock. */
const leaveStale = (directory: string): void => {
  const socket = join(directory, ".s.PGSQL.5432");
  const program = `require("node:net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
  writeFileSync(join(directory, "owner.pid"), "1");
  expect(existsSync(socket)).toBe(true);
};

describe("DirectoryLock", () => {
  it("is taken by one of many who try at once, also where a stale one is left", async () => {
    for (const stale of [false, true]) {
      const directory = folder();
      if (stale) leaveStale(directory);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => DirectoryLock.acquire(directory)),
      );
      const taken = results.filter((result) => result.status === "fulfilled");
      expect(taken).toHaveLength(1);
      expect(results.filter(({ status }) => status === "rejected")).toEqual(
        Array.from({ length: 9 }, () => ({
          status: "rejected",
          reason: expect.objectContaining({ code: "ERR_EMBEDDED_POSTGRES_LOCKED" }),
        })),
      );
      expect(readFileSync(join(directory, "owner.pid"), "utf8")).toBe(String(process.pid));
      taken[0]!.value.release();
    }
  });

  it("can be taken again once it is released, and leaves nothing behind", async () => {
    const directory = folder();
    for (let i = 0; i < 3; i += 1) (await DirectoryLock.acquire(directory)).release();
    expect(existsSync(join(directory, ".s.PGSQL.5432"))).toBe(false);
    expect(existsSync(join(directory, "owner.pid"))).toBe(false);
  });

  it("does not wait for ever behind a takeover that was abandoned", async () => {
    const directory = folder();
    leaveStale(directory);
    const guard = join(directory, "takeover");
    writeFileSync(guard, "1");
    utimesSync(guard, new Date(0), new Date(0));
    (await DirectoryLock.acquire(directory)).release();
    expect(existsSync(guard)).toBe(false);
  });

  it("tells who connects too early that the database is starting", async () => {
    const directory = folder();
    const lock = await DirectoryLock.acquire(directory);
    const client = new pg.Client({ host: directory, user: "postgres", database: "postgres" });
    await expect(client.connect()).rejects.toMatchObject({ code: "57P03" });
    lock.release();
  });
});
