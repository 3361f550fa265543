import { statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

import { describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { EmbeddedPostgres, type OpenProgress } from "../src/index.js";
import { temporaryFolders } from "./temporary-folder.js";
import { until } from "./until.js";

jest.setTimeout(60_000);

const folder = temporaryFolders();

describe.each([
  ["in a thread", true],
  ["in the caller's thread", false],
])("EmbeddedPostgres %s", (_name, thread) => {
  it("keeps what is written in its directory", async () => {
    const directory = folder();
    const steps: OpenProgress["step"][] = [];
    const onProgress = ({ step }: OpenProgress) => void steps.push(step);
    const first = await EmbeddedPostgres.open({ directory, thread, onProgress });
    expect(steps).toEqual(["creating", "securing"]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "pgdata")).mode & 0o777).toBe(0o700);
    expect(first).toMatchObject({ directory, socketDirectory: directory });
    expect(first.version).toMatch(/^18\./);
    const pool = await first.pool();
    await pool.query("create table kept(x int); insert into kept values(42)");
    expect(first.stats().checkpoints).toBe(0);
    await first.close();
    expect(first.stats().checkpoints).toBe(1);
    steps.length = 0;
    await using second = await EmbeddedPostgres.open({ directory, thread, onProgress });
    expect(steps).toEqual(["starting"]);
    const { rows } = await (await second.pool()).query("select x from kept");
    expect(rows).toEqual([{ x: 42 }]);
  });

  it("close() is idempotent, ends its pools, and refuses what comes after", async () => {
    const server = await EmbeddedPostgres.open({ thread });
    const pool = await server.pool();
    await pool.query("select 1");
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(pool.ended).toBe(true);
    const client = new pg.Client(server.pgConfig());
    await expect(client.connect()).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_CLOSED",
    });
  });

  it("close() rolls back what is open, and tells the client", async () => {
    const directory = folder();
    const server = await EmbeddedPostgres.open({ directory, thread, durability: "none" });
    const client = new pg.Client(server.pgConfig());
    const lost = new Promise<Error>((resolve) => client.on("error", resolve));
    await client.connect();
    await client.query("create table undone(x int)");
    await client.query("begin; insert into undone values(1)");
    await server.close();
    expect(await lost).toMatchObject({ code: "57P01" });
    await using again = await EmbeddedPostgres.open({ directory, thread, durability: "none" });
    expect((await (await again.pool()).query("select * from undone")).rowCount).toBe(0);
  });

  it("forces each commit to the disk, unless told otherwise", async () => {
    for (const durability of ["fsync", "none"] as const) {
      const directory = folder();
      await using server = await EmbeddedPostgres.open({ directory, thread, durability });
      const pool = await server.pool({ max: 1 });
      await pool.query("create table sync(x int)");
      const before = server.stats().syncs;
      for (let i = 0; i < 20; i += 1) await pool.query("insert into sync values(1)");
      const syncs = server.stats().syncs - before;
      expect(durability === "fsync" ? syncs >= 20 : syncs === 0).toBe(true);
    }
  });
});

describe("EmbeddedPostgres", () => {
  it("keeps the caller's thread free while a query runs", async () => {
    await using server = await EmbeddedPostgres.open();
    const pool = await server.pool();
    await pool.query("select 1");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const start = performance.now();
    await pool.query("select sum(g) from generate_series(1, 3000000) g");
    const elapsedMs = performance.now() - start;
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(elapsedMs / 2);
  });

  it("fails a request that waits too long behind a transaction with 55P03", async () => {
    await using server = await EmbeddedPostgres.open({ lockWaitTimeout: "50ms" });
    const pool = await server.pool();
    const client = await pool.connect();
    await client.query("begin");
    await expect(pool.query("select 1")).rejects.toMatchObject({ code: "55P03" });
    await expect(pool.query("select $1::int", [1])).rejects.toMatchObject({ code: "55P03" });
    await client.query("commit");
    client.release();
    expect((await pool.query("select 1")).rowCount).toBe(1);
    expect(server.stats().lockTimeouts).toBe(2);
  });

  it("refuses one connection more than maxConnections", async () => {
    await using server = await EmbeddedPostgres.open({ maxConnections: 1 });
    const pool = await server.pool();
    await pool.query("select 1");
    const client = new pg.Client(server.pgConfig());
    await expect(client.connect()).rejects.toMatchObject({ code: "53300" });
  });

  it("close() stops at once when its signal is aborted, in the middle of a query too", async () => {
    const directory = folder();
    const server = await EmbeddedPostgres.open({ directory, durability: "none" });
    const pool = await server.pool();
    const outcome = pool.query("select sum(g) from generate_series(1, 1000000000) g").then(
      () => "answered",
      () => "rejected",
    );
    await until(() => server.stats().connections === 1);
    await server.close({ signal: AbortSignal.timeout(50) });
    expect(await outcome).toBe("rejected");
    await using again = await EmbeddedPostgres.open({ directory, durability: "none" });
    expect(again.version).toBe(server.version);
  });
});
