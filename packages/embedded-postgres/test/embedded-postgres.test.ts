import { execFile } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";

import { silentLogger } from "@infra/interfaces";
import { sourceFlags } from "@infra/jest-preset/source-flags";
import { describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { EmbeddedPostgres, EmbeddedPostgresLockedError, type OpenProgress } from "../src/index.js";
import { Program } from "./programs.js";
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

  it("tells its logger, and onProgress, what a first start takes its time for", async () => {
    const told: string[] = [];
    const logger = { ...silentLogger, info: (message: string) => void told.push(message) };
    const steps: string[] = [];
    const onProgress = ({ message }: OpenProgress) => void steps.push(message);
    await (await EmbeddedPostgres.open({ logger, onProgress })).close();
    expect(steps).toEqual(["creating a database from the template"]);
    expect(told).toEqual([
      "the embedded database in memory: creating a database from the template",
    ]);
  });

  it("leaves what is set in the directory's own configuration as it is", async () => {
    const directory = folder();
    const options = { directory, durability: "none" } as const;
    const first = await EmbeddedPostgres.open(options);
    const pool = await first.pool({ max: 1 });
    expect((await pool.query("show shared_buffers")).rows).toEqual([{ shared_buffers: "16MB" }]);
    await pool.query("alter system set work_mem = '7MB'");
    await first.close();
    appendFileSync(join(directory, "pgdata", "postgresql.conf"), "\nstatement_timeout = 12345\n");
    await using second = await EmbeddedPostgres.open(options);
    const { rows } = await (
      await second.pool()
    ).query("select current_setting('work_mem') w, current_setting('statement_timeout') s");
    expect(rows).toEqual([{ w: "7MB", s: "12345ms" }]);
  });

  it("has PGlite's extensions, at the next opening too", async () => {
    const directory = folder();
    const url = new URL(import.meta.resolve("@electric-sql/pglite/contrib/pg_trgm"));
    for (const extensions of [
      ["pg_trgm", "uuid-ossp"],
      [url, "uuid_ossp"],
    ]) {
      await using server = await EmbeddedPostgres.open({ directory, extensions });
      const pool = await server.pool();
      await pool.query(
        'create extension if not exists pg_trgm; create extension if not exists "uuid-ossp"',
      );
      const { rows } = await pool.query(
        "select similarity('word', 'words') > 0.5 as near, uuid_generate_v4() is not null as id",
      );
      expect(rows).toEqual([{ near: true, id: true }]);
    }
  });

  it("refuses a module that has no extension", async () => {
    const extensions = [new URL("./until.ts", import.meta.url)];
    await expect(EmbeddedPostgres.open({ extensions, thread: false })).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_OPEN",
      message: expect.stringContaining("until.ts exports no extension of PGlite"),
    });
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

  it("serves other processes through the socket in its directory", async () => {
    const directory = folder();
    await using server = await EmbeddedPostgres.open({ directory, durability: "none" });
    const pool = await server.pool();
    await pool.query("create table shared(x int)");
    const program = new Program("connect", directory);
    await until(() => program.lines.includes("inserted 2"));
    expect((await pool.query("select * from shared")).rowCount).toBe(2);
    await pool.query("notify hello, 'there'");
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual(["inserted 2", "hello there"]);
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

  it("rejects what waits when its thread dies, gives the directory free, and says so from then on", async () => {
    const program = new Program("crash", folder());
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual([
      "waiting: ERR_EMBEDDED_POSTGRES_CRASHED",
      "later: ERR_EMBEDDED_POSTGRES_CRASHED",
      "reopened: 1",
    ]);
  });

  it("lets the process end when a connection is not held open, without close()", async () => {
    const directory = folder();
    const program = new Program("open", directory);
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual(["open"]);
    await using server = await EmbeddedPostgres.open({ directory });
    expect((await (await server.pool()).query("select * from left_open")).rowCount).toBe(0);
  });

  it("opens in a program that stands on the command line", async () => {
    const source = JSON.stringify(new URL("../src/index.ts", import.meta.url).href);
    const program = `const { EmbeddedPostgres } = await import(${source});
      const server = await EmbeddedPostgres.open();
      console.log(server.version);
      await server.close();`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...sourceFlags,
      "--input-type=module",
      "-e",
      program,
    ]);
    expect(stdout).toMatch(/^18\./);
  });

  it("refuses a directory that is open elsewhere, and names who has it", async () => {
    const directory = folder();
    await using server = await EmbeddedPostgres.open({ directory });
    const program = new Program("open", directory);
    await program.exited;
    expect(program.lines.join()).toMatch(
      new RegExp(`^ERR_EMBEDDED_POSTGRES_LOCKED .* is in use by process ${process.pid};`),
    );
    const refusal: unknown = await EmbeddedPostgres.open({ directory }).catch((error) => error);
    expect(EmbeddedPostgresLockedError.is(refusal)).toBe(true);
    expect(refusal).toMatchObject({
      message: expect.stringContaining(`${directory} is in use by this process`),
      details: { directory, pid: process.pid },
    });
    expect(server.stats().connections).toBe(0);
  });

  it("loses no acknowledged row to kill -9, and takes over what was left behind", async () => {
    const directory = folder();
    const acknowledged = new Set<number>();
    for (let kill = 0; kill < 3; kill += 1) {
      const program = new Program("write", directory);
      await until(() => program.lines.length > 40 || program.errors !== "");
      expect(program.errors).toBe("");
      expect(Number(readFileSync(join(directory, "owner.pid"), "utf8"))).toBe(program.pid);
      program.process.kill("SIGKILL");
      expect(await program.exited).toBe("SIGKILL");
      for (const line of program.lines) if (line !== "open") acknowledged.add(Number(line));
      expect(existsSync(join(directory, ".s.PGSQL.5432"))).toBe(true);
    }
    await using server = await EmbeddedPostgres.open({ directory });
    const { rows } = await (await server.pool()).query("select n::int from written");
    const kept = new Set(rows.map(({ n }) => n));
    expect([...acknowledged].filter((n) => !kept.has(n))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(100);
  });

  it("works in a directory whose path is too long for a socket", async () => {
    const directory = join(folder(), "long".repeat(30));
    await using server = await EmbeddedPostgres.open({ directory });
    expect(server.socketDirectory!.length).toBeLessThan(80);
    await expect(EmbeddedPostgres.open({ directory })).rejects.toThrow("in use by this process");
    const client = new pg.Client({
      host: server.socketDirectory!,
      user: "postgres",
      database: "postgres",
    });
    await client.connect();
    expect((await client.query("select 1")).rowCount).toBe(1);
    await client.end();
    await server.close();
    expect(existsSync(server.socketDirectory!)).toBe(false);
  });

  it("makes a database again whose making was interrupted", async () => {
    const directory = folder();
    mkdirSync(join(directory, "pgdata"), { recursive: true });
    writeFileSync(join(directory, "pgdata", "PG_VERSION"), "18\n");
    writeFileSync(join(directory, "unfinished"), "");
    await using server = await EmbeddedPostgres.open({ directory });
    expect((await (await server.pool()).query("select 1")).rowCount).toBe(1);
    expect(existsSync(join(directory, "unfinished"))).toBe(false);
  });

  it.each([
    ["of another version", "16\n", /ERR_EMBEDDED_POSTGRES_VERSION made by PostgreSQL 16/],
    ["that is damaged", "18\n", /ERR_EMBEDDED_POSTGRES_OPEN .*could not be opened/],
  ])("refuses a database %s, and gives the directory free", async (_name, version, expected) => {
    const directory = folder();
    mkdirSync(join(directory, "pgdata"), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "pgdata", "PG_VERSION"), version);
    const error: Error & { code?: string } = await EmbeddedPostgres.open({ directory }).then(
      () => new Error("opened"),
      (reason) => reason,
    );
    expect(`${error.code} ${error.message}`).toMatch(
      new RegExp(expected.source.replace(" ", ".*"), "s"),
    );
    expect(existsSync(join(directory, "owner.pid"))).toBe(false);
    rmSync(join(directory, "pgdata"), { recursive: true });
    await using server = await EmbeddedPostgres.open({ directory });
    expect(server.version).toMatch(/^18/);
  });

  it.each([
    [{ directory: "" }, TypeError, 'directory must be a path or undefined, got ""'],
    [{ durability: "yes" }, TypeError, 'durability must be "fsync" or "none", got "yes"'],
    [{ thread: 1 }, TypeError, "thread must be true or false, got 1"],
    [{ maxConnections: 0 }, RangeError, "maxConnections must be a whole number above 0, got 0"],
    [{ lockWaitTimeout: "soon" }, RangeError, "lockWaitTimeout must be milliseconds or a string"],
    [{ extensions: ["vector"] }, RangeError, /file: URLs or of amcheck, .*; got "vector"/],
    [{ maintenanceInterval: 0 }, RangeError, "maintenanceInterval must be at least 1 ms, got 0"],
  ])("open() refuses %j", async (options, kind, message) => {
    const opening = EmbeddedPostgres.open(options as object);
    await expect(opening).rejects.toThrow(kind);
    await expect(opening).rejects.toThrow(message);
  });
});
