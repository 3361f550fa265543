import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineSection, Secret, tokens, type Database } from "@infra/interfaces";
import { sourceFlags } from "@infra/jest-preset/source-flags";
import { MemoryLogger, until } from "@infra/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { databaseConfig, DatabaseService } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

interface Note {
  id: number;
  title: string;
  meta: { tags?: string[] } | null;
}

describeOnEngines("DatabaseService", (engine) => {
  const logger = new MemoryLogger();
  let db: DatabaseService;

  beforeAll(async () => {
    db = await engine.open({ slowQuery: 150 }, { logger });
    await db.knex.schema.createTable("notes", (table) => {
      table.increments("id");
      table.text("title").notNullable();
      table.jsonb("meta");
    });
  }, 60_000);

  beforeEach(async () => {
    await db.query("truncate notes restart identity");
    logger.clear();
  });

  it("query() binds, gives rows, and refuses undefined", async () => {
    const rows = await db.query<Note>("insert into notes (title, meta) values (?, ?) returning *", [
      "a ? b",
      { tags: ["x"] },
    ]);
    expect(rows).toEqual([{ id: 1, title: "a ? b", meta: { tags: ["x"] } }]);
    expect(await db.query("select null as nothing where 1 = ?", [1])).toEqual([{ nothing: null }]);
    await expect(db.query("select ?", [undefined])).rejects.toThrow(/bindings\[0\] is undefined/);
    await expect(db.query(1 as unknown as string)).rejects.toThrow(TypeError);
  });

  it("table() and knex are typed builders of knex", async () => {
    await db.table<Note>("notes").insert([{ title: "a" }, { title: "b" }]);
    const found = await db.table<Note>("notes").where({ title: "b" }).first();
    expectTypeOf(found).toEqualTypeOf<Note | undefined>();
    expect(found).toEqual({ id: 2, title: "b", meta: null });
    expect(await db.knex<Note>("notes").orderBy("id", "desc").pluck("id")).toEqual([2, 1]);
    expect(await db.table<Note>("notes").where({ id: 1 }).update({ title: "c" })).toBe(1);
  });

  // what is run most goes another way than knex's own
  it("builders, the client and the pool tell their events as knex's own do", async () => {
    const told: string[] = [];
    const listen = <B extends { on(name: string, listener: () => void): unknown }>(of: B): B => {
      for (const name of ["start", "query", "query-response", "query-error", "end", "error"]) {
        of.on(name, () => void told.push(name));
      }
      return of;
    };
    const pool = db.knex.client.pool as { on(name: string, listener: () => void): void };
    pool.on("acquireRequest", () => void told.push("acquireRequest"));
    pool.on("acquireSuccess", () => void told.push("acquireSuccess"));
    const root = (): void => void told.push("root");
    db.knex.on("query-response", root);
    const acquired = ["acquireRequest", "acquireSuccess"];
    const good = ["start", "query", "query-response", "root", "end"];
    const bad = ["start", "query", "query-error", "error"];
    await listen(db.table("notes").where({ id: 1 }));
    expect(told.splice(0)).toEqual([...acquired, ...good]);
    await listen(db.knex("missing").select("id")).then(undefined, () => {});
    expect(told.splice(0)).toEqual([...acquired, ...bad]);
    await db.transaction(async () => {
      told.length = 0;
      await listen(db.table("notes").where({ id: 1 }));
      expect(told.splice(0)).toEqual(good);
    });
    db.knex.off("query-response", root);
  });

  it("sql binds values, takes statements and builders as parts, and leaves ? alone", async () => {
    await db.table<Note>("notes").insert([
      { title: "it's", meta: { tags: ["x"] } },
      { title: "other", meta: {} },
    ]);
    const title = "it's";
    const matches = db.sql`title = ${title}`;
    const rows =
      await db.sql<Note>`select * from ${db.knex.ref("notes")} where ${matches} and meta ? ${"tags"}`;
    expect(rows.map(({ id }) => id)).toEqual([1]);
    const ids = db.knex("notes").select("id");
    expect(await db.sql`select count(*)::int as n from notes where id in (${ids})`.first()).toEqual(
      {
        n: 2,
      },
    );
    expect(await db.sql<Note>`select * from notes where id = any(${[2]})`.first()).toMatchObject({
      title: "other",
    });
    expect(await db.sql`select 1 where false`.first()).toBeUndefined();
    await expect(db.sql`select ${undefined}`.run()).rejects.toThrow(/value 1 .* is undefined/);
  });

  it("stream() reads in batches, in the ambient transaction or one of its own", async () => {
    await db.query("insert into notes (title) select 'n' || g from generate_series(1, 250) g");
    const all = db.table<Note>("notes").where("id", ">", 50).orderBy("id");
    const ids: number[] = [];
    for await (const { id } of db.stream<Note>(all, { batchSize: 100 })) ids.push(id);
    expect(ids).toEqual(Array.from({ length: 200 }, (_, at) => at + 51));
    expect(db.stats().pool.used).toBe(0);
    await db.transaction(async () => {
      await db.query("delete from notes where id <= ?", [245]);
      const left: string[] = [];
      const query = db.sql<Note>`select * from notes where id > ${0} order by id`;
      for await (const { title } of db.stream<Note>(query, { batchSize: 2 })) {
        left.push(title);
        if (left.length === 3) break;
        await db.query("select 1");
      }
      expect(left).toEqual(["n246", "n247", "n248"]);
      expect(await db.query("select * from pg_cursors where name like 'infra%'")).toEqual([]);
    });
  });

  it("logs each statement in debug and slow ones as warnings, without values", async () => {
    await db.query("select ?::text, ?::int", ["hunter2", 7]);
    const meta = {
      category: "database",
      sql: "select $1::text, $2::int",
      bindings: ["string(7)", "number"],
      elapsedMs: expect.any(Number),
    };
    expect(logger.lines).toEqual([{ level: "debug", message: "query", meta }]);
    await db.query("select pg_sleep(0.2), 'hunter2'");
    expect(logger.messages("warn")).toEqual(["slow query"]);
    expect(JSON.stringify(logger.lines)).not.toContain("hunter2");
  });

  it("is a Database, found by its token, and disposed of like any service", async () => {
    expectTypeOf(db).toExtend<Database>();
    expect(DatabaseService.provides).toBe(tokens.database);
    const other = await engine.open();
    {
      await using inner = other;
      await inner.query("select 1");
    }
    expect((await other.health()).status).toBe("down");
  }, 60_000);
});

declare module "knex/types/tables.js" {
  interface Tables {
    listed_notes: Note;
  }
}

function typeOnly(db: DatabaseService): void {
  expectTypeOf(db.table("listed_notes").first()).resolves.toEqualTypeOf<Note | undefined>();
  expectTypeOf(db.table("listed_notes")).resolves.toEqualTypeOf<Note[]>();
  // @ts-expect-error -- no such column
  void db.table("listed_notes").insert({ nonsense: 1 });
  expectTypeOf(db.table<Note>("others")).resolves.toEqualTypeOf<Note[]>();
  expectTypeOf(db.table("others")).resolves.toEqualTypeOf<Record<string, unknown>[]>();
}

describe("table()", () => {
  it("has the type that knex's own interface Tables gives a name, the one that it is told, or a plain one", () => {
    expect(typeOnly).toBeInstanceOf(Function);
  });
});

describe("DatabaseService options", () => {
  it("come from the section as they are", () => {
    const db = new DatabaseService(databaseConfig.defaults());
    expect(db.url).toBe("pglite:./data/db");
    expect(db.stats().pool.max).toBe(10);
    expect(databaseConfig.settings.url.env).toBe("DATABASE_URL");
    expect(defineSection("database", databaseConfig.settings).defaults().stopTimeout).toBe(10_000);
  });

  it.each([
    [
      { url: "oracle://u:s3cret@h/d" },
      /^url must begin with postgres:\/\/, mysql:\/\/, sqlite: or pglite:, got the scheme "oracle:"$/,
    ],
    [{ url: "s3cret" }, /^url must begin with .* or pglite:, got no URL$/],
    [{ url: "pglite:" }, /^url must name a directory or memory/],
    [{ url: "sqlite://" }, /^url must name a file or memory, as in "sqlite:.\/data\/app.db"/],
    [
      { url: "postgres:s3cret" },
      /^url must read "postgres:\/\/user:password@host:port\/database"$/,
    ],
    [{ maxConnections: 0 }, /^maxConnections must be a whole number above 0, got 0$/],
    [
      { maxConnections: 2, minConnections: 3 },
      /^minConnections must .* from 0 to maxConnections \(2\), got 3$/,
    ],
    [
      { stopTimeout: "soon" as "1s" },
      /^stopTimeout must be milliseconds or a string .*; got "soon"$/,
    ],
  ])("%j is refused with an error that names it", (options, message) => {
    expect(() => new DatabaseService(options)).toThrow(RangeError);
    expect(() => new DatabaseService(options)).toThrow(message);
  });

  it.each([
    ["postgres://app:s3cret@host:1/db", "postgres://app:***@host:1/db"],
    [
      "postgresql://app:s3/c@ret@host/db?sslmode=require",
      "postgresql://app:***@host/db?sslmode=require",
    ],
    ["postgres://app@host/db?password=s3cret&x=1", "postgres://app@host/db?password=***&x=1"],
    ["mysql://app:s3cret@host/db", "mysql://app:***@host/db"],
    ["pglite:./data/db", "pglite:./data/db"],
  ])("the password of %s is masked", (url, masked) => {
    expect(new DatabaseService({ url: new Secret(url) }).url).toBe(masked);
  });
});

describeOnEngines(
  "an embedded directory",
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "embedded-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("keeps what was written, and has one owner, whose pid the second one is told", async () => {
      const url = `pglite:${join(folder, "db")}`;
      const first = new DatabaseService({ url });
      await first.query("create table kept (n int)");
      await first.transaction(() => first.query("insert into kept values (1)"));
      const program = join(import.meta.dirname, "..", "test-results", "second.mts");
      await mkdir(join(program, ".."), { recursive: true });
      await writeFile(
        program,
        `import { DatabaseService } from "@infra/database";
         const db = new DatabaseService({ url: process.argv[2] });
         await db.start().catch((error) => process.stdout.write(error.code + " " + error.message));
         await db.stop();`,
      );
      const child = spawn(process.execPath, [...sourceFlags, program, url], {
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await until(() => child.exitCode !== null);
      expect(output).toMatch(new RegExp(`^ERR_EMBEDDED_POSTGRES_LOCKED .*${process.pid}`));
      await first.stop();
      await using second = new DatabaseService({ url });
      expect(await second.query("select * from kept")).toEqual([{ n: 1 }]);
    }, 60_000);
  },
  ["embedded"],
);
