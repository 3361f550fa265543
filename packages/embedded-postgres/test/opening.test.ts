import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { silentLogger } from "@infra/interfaces";
import { describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { EmbeddedPostgres, type OpenProgress } from "../src/index.js";
import { temporaryFolders } from "./temporary-folder.js";

jest.setTimeout(60_000);

const folder = temporaryFolders();

describe("EmbeddedPostgres.open()", () => {
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

  it.each([true, false])("logs what onProgress throws, and opens (thread: %s)", async (thread) => {
    const told: unknown[] = [];
    const logger = { ...silentLogger, warn: (_: string, meta?: object) => void told.push(meta) };
    const error = new Error("no terminal");
    const onProgress = (): never => {
      throw error;
    };
    await (await EmbeddedPostgres.open({ thread, logger, onProgress })).close();
    expect(told).toEqual([{ error }]);
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
});
