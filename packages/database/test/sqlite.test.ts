import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { until } from "@infra/testing";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { DatabaseService } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

const program = `
import { DatabaseService } from "@infra/database";
const db = new DatabaseService({ url: process.argv[2] });
await db.transaction(async () => {
  await db.query("insert into items (id) values (100)");
  process.stdout.write("inside");
  await new Promise((resolve) => process.stdin.once("data", resolve));
});
await db.stop();
`;

const itemsOf = async (url: string, acquireTimeout = 10_000): Promise<DatabaseService> => {
  const db = new DatabaseService({ url, acquireTimeout });
  if (!(await db.knex.schema.hasTable("items"))) {
    await db.knex.schema.createTable("items", (table) => table.integer("id").primary());
  }
  return db;
};

describeOnEngines(
  "what is peculiar to",
  (engine) => {
    const folder = join(import.meta.dirname, "..", "test-results");
    const file = join(folder, "sqlite-writer.mts");
    const children: ChildProcess[] = [];
    beforeAll(async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(file, program);
    });
    afterEach(() => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
    });

    const writer = async (url: string): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [...sourceFlags, file, url], {
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["pipe", "pipe", "inherit"],
      });
      children.push(child);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await until(() => output === "inside", { timeoutMs: 60_000 });
      return child;
    };

    // regression: SQLite waits for another process in the middle of the event loop
    it("waits for another process while the event loop goes on, and reads meanwhile", async () => {
      const url = await engine.url();
      await using db = await itemsOf(url);
      const child = await writer(url);
      const waiting = db.transaction(() => db.table("items").insert({ id: 1 }));
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 10);
      await until(() => turns > 20);
      clearInterval(timer);
      child.stdin!.end("go on");
      await waiting;
      await until(() => child.exitCode !== null);
      expect(await db.knex("items").orderBy("id").pluck("id")).toEqual([1, 100]);
    }, 90_000);

    it("the wait for another process has an end, and the work is not run", async () => {
      const url = await engine.url();
      await using db = await itemsOf(url, 200);
      await writer(url);
      let ran = false;
      const outcome = db.transaction(async () => {
        ran = true;
      });
      await expect(outcome).rejects.toMatchObject({
        code: "ERR_DATABASE_LOCK_TIMEOUT",
        details: { driverCode: "SQLITE_BUSY" },
      });
      expect(ran).toBe(false);
      expect(await db.table("items")).toEqual([]);
      await expect(db.table("items").insert({ id: 1 })).rejects.toMatchObject({
        code: "ERR_DATABASE_LOCK_TIMEOUT",
      });
    }, 90_000);

    it("a database in memory lasts as long as the service, idle or not", async () => {
      await using db = new DatabaseService({ url: "sqlite:memory", idleTimeout: 20 });
      await db.query("create table kept (n int)");
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await db.query("select * from kept")).toEqual([]);
      expect(db.stats().pool.max).toBe(1);
    });

    it("makes the folder, keeps what was written, enforces foreign keys, syncs each commit", async () => {
      const url = (await engine.url()).replace("test.db", "deep/er/app.db");
      await using first = await itemsOf(url);
      await first.table("items").insert({ id: 1 });
      await first.stop();
      await using second = new DatabaseService({ url });
      expect(await second.knex("items").pluck("id")).toEqual([1]);
      expect(await second.query("pragma journal_mode")).toEqual([{ journal_mode: "wal" }]);
      expect(await second.query("pragma synchronous")).toEqual([{ synchronous: 2 }]);
      expect(await second.query("pragma foreign_keys")).toEqual([{ foreign_keys: 1 }]);
    });

    it("openPool() is refused: a pool of pg it is not", async () => {
      await using db = new DatabaseService({ url: "sqlite:memory" });
      await expect(db.openPool()).rejects.toMatchObject({ code: "ERR_DATABASE_UNSUPPORTED" });
    });
  },
  ["sqlite"],
);

const old = Number(process.versions.node.split(".")[0]) < 22 ? describe : describe.skip;

old("sqlite: on Node.js 20 (skipped: this one is newer)", () => {
  // regression: better-sqlite3 13 ends Node.js 20 with a segmentation fault
  it("refuses the better-sqlite3 that would crash it, and says which one to install", async () => {
    const db = new DatabaseService({ url: "sqlite:memory" });
    const outcome = db.start();
    await expect(outcome).rejects.toMatchObject({ code: "ERR_DATABASE_UNSUPPORTED" });
    await expect(outcome).rejects.toThrow(
      /^better-sqlite3 13\.\d+\.\d+ needs Node\.js 22, this is 20\..*: npm i better-sqlite3@12$/,
    );
  });
});
