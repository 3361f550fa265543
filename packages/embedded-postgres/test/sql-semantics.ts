import { pipeline } from "node:stream/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import copy from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";

import { until } from "./until.js";

/** Where a suite's clients connect. */
export interface Target {
  readonly config: pg.PoolConfig;
  stop(): Promise<void>;
}

/** What an engine cannot do, by the name of its tests, and why. */
export interface Limits {
  readonly queryTimeout?: string;
}

const path = async (client: pg.ClientBase) =>
  (await client.query("show search_path")).rows[0].search_path;

const columns = async (client: pg.ClientBase | pg.Pool) =>
  (await client.query("select * from who")).fields.map((field) => field.name);

const tenant = async (client: pg.ClientBase) =>
  (await client.query("select current_setting('app.tenant', true) t, current_user u")).rows[0];

const run = async (client: pg.ClientBase, text: string) =>
  (await client.query({ name: "q", text })).rows[0].x;

const unless = (reason: string | undefined) => (reason === undefined ? it : it.skip);

const because = (reason: string | undefined) => (reason === undefined ? "" : ` (${reason})`);

/** What any PostgreSQL does as seen through `pg`: run against the embedded engine and against a server. */
export function describeSqlSemantics(
  name: string,
  start: () => Promise<Target>,
  limits: Limits = {},
): void {
  describe(`SQL through pg on ${name}`, () => {
    let target: Target;
    let pool: pg.Pool;
    let other: pg.Pool;
    const disconnected: Promise<void>[] = [];

    beforeAll(async () => {
      target = await start();
      pool = new pg.Pool({ ...target.config, max: 8 });
      other = new pg.Pool({ ...target.config, max: 4, options: '-c search_path="other"' });
      for (const each of [pool, other]) {
        each.on("connect", (client) => {
          disconnected.push(new Promise((resolve) => client.once("end", resolve)));
        });
      }
      await pool.query(`
        create table item(id serial primary key, v text unique not null, j jsonb, d timestamptz, n int[], b bytea);
        create schema other;
        create table other.who(x int);
        create table public.who(y int)`);
    }, 60_000);

    afterAll(async () => {
      await pool?.end();
      await other?.end();
      // end() does not wait for the server, which would tell a client that is still there that it shuts down
      await Promise.all(disconnected);
      await target?.stop();
    });

    const one = async (sql: string, values?: unknown[]) =>
      (await pool.query<Record<string, unknown>>(sql, values)).rows[0];

    it("gives values their types", async () => {
      const result = await pool.query(
        `select 1::int a, 2::int8 b, 'x'::text c, now() d, '{"a":1}'::jsonb e, array[1,2] f, null g,
           1.5::numeric h, '\\x0102'::bytea i, true j`,
      );
      expect(result).toMatchObject({ command: "SELECT", rowCount: 1 });
      const { d, i, ...rest } = result.rows[0];
      expect(Number.isNaN(d.getTime())).toBe(false);
      expect([...i]).toEqual([1, 2]);
      expect(rest).toEqual({
        a: 1,
        b: "2",
        c: "x",
        e: { a: 1 },
        f: [1, 2],
        g: null,
        h: "1.5",
        j: true,
      });
    });

    it("takes parameters, and counts rows", async () => {
      const inserted = await pool.query(
        "insert into item(v,j,d,n,b) values($1,$2,$3,$4,$5),($6,null,null,null,null) returning *",
        ["a", { k: [1] }, new Date(0), [1, 2], Buffer.from([1, 2]), "b"],
      );
      expect(inserted).toMatchObject({ command: "INSERT", rowCount: 2 });
      expect(inserted.rows[0]).toMatchObject({ v: "a", j: { k: [1] }, n: [1, 2] });
      expect(Number(inserted.rows[0].d)).toBe(0);
      const updated = await pool.query("update item set v = v || $1", ["!"]);
      expect(updated).toMatchObject({ command: "UPDATE", rowCount: 2 });
    });

    it("runs several statements in one text", async () => {
      const results = (await pool.query(
        "select 1 as a; select 2 as b",
      )) as unknown as pg.QueryResult[];
      expect(results.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    });

    it("reports errors with SQLSTATE, table, column, constraint and detail", async () => {
      await pool.query("insert into item(v) values('twice')");
      await expect(pool.query("insert into item(v) values('twice')")).rejects.toMatchObject({
        code: "23505",
        table: "item",
        constraint: "item_v_key",
        detail: expect.stringContaining("already exists"),
      });
      await expect(pool.query("insert into item(v) values($1)", [null])).rejects.toMatchObject({
        code: "23502",
        column: "v",
      });
      await expect(pool.query("selec 1")).rejects.toMatchObject({ code: "42601", position: "1" });
      await expect(pool.query("select $1::int", ["zz"])).rejects.toMatchObject({ code: "22P02" });
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("goes on after many errors", async () => {
      for (let i = 0; i < 50; i += 1) {
        await expect(pool.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
        await expect(pool.query("select 1/$1::int", [0])).rejects.toMatchObject({ code: "22012" });
      }
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("hides an open transaction from others", async () => {
      const client = await pool.connect();
      await client.query("begin");
      await client.query("insert into item(v) values('open')");
      const seen = one("select count(*)::int n from item where v = 'open'");
      await client.query("select 1");
      await client.query("rollback");
      expect(await seen).toEqual({ n: 0 });
      client.release();
    });

    it("refuses statements in a failed transaction, and returns to a savepoint", async () => {
      const client = await pool.connect();
      await client.query("begin");
      await client.query("savepoint s");
      await expect(client.query("bogus")).rejects.toMatchObject({ code: "42601" });
      await expect(client.query("select 1")).rejects.toMatchObject({ code: "25P02" });
      await client.query("rollback to s");
      await client.query("insert into item(v) values('savepoint')");
      await client.query("commit");
      client.release();
      expect((await pool.query("select 1 from item where v = 'savepoint'")).rowCount).toBe(1);
    });

    it("rolls back when a client goes away in a transaction", async () => {
      const client = await pool.connect();
      await client.query("begin");
      await client.query("insert into item(v) values('lost')");
      client.release(true);
      expect((await pool.query("select 1 from item where v = 'lost'")).rowCount).toBe(0);
    });

    it("keeps 100 concurrent read-modify-write transactions apart", async () => {
      await pool.query(
        "create table account(id int primary key, n int); insert into account values(1, 0)",
      );
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const client = await pool.connect();
          try {
            await client.query("begin");
            const { rows } = await client.query("select n from account where id = 1 for update");
            await client.query("update account set n = $1 where id = 1", [rows[0].n + 1]);
            await client.query("commit");
          } finally {
            client.release();
          }
        }),
      );
      expect(await one("select n from account")).toEqual({ n: 100 });
    });

    it("has settings of its own in each session, search_path first of all", async () => {
      expect(await columns(pool)).toEqual(["y"]);
      expect(await columns(other)).toEqual(["x"]);
      const a = await pool.connect();
      const b = await pool.connect();
      await a.query("set search_path to other, public");
      expect(await path(a)).toBe("other, public");
      expect(await columns(a)).toEqual(["x"]);
      expect(await columns(b)).toEqual(["y"]);
      await a.query("reset search_path");
      expect(await columns(a)).toEqual(["y"]);
      await a.query("set application_name = 'me'");
      expect((await a.query("show application_name")).rows).toEqual([{ application_name: "me" }]);
      expect((await b.query("show application_name")).rows).toEqual([{ application_name: "" }]);
      a.release(true);
      b.release();
    });

    it("has an application's own settings and the role in each session too", async () => {
      await pool.query("create role reader");
      const a = await pool.connect();
      const b = await pool.connect();
      await a.query("select set_config($1, $2, false)", ["app.tenant", "42"]);
      await a.query("set role reader");
      expect(await tenant(b)).toMatchObject({ u: "postgres" });
      expect((await tenant(b)).t ?? "").toBe("");
      expect(await tenant(a)).toEqual({ t: "42", u: "reader" });
      expect(await tenant(b)).toMatchObject({ u: "postgres" });
      a.release(true);
      b.release();
    });

    it("undoes a SET when its transaction is rolled back, and SET LOCAL at its end", async () => {
      const client = await pool.connect();
      const show = async () => (await client.query("show search_path")).rows[0].search_path;
      const before = await show();
      await client.query("begin");
      await client.query("set local search_path to other");
      expect(await show()).toBe("other");
      await client.query("commit");
      expect(await show()).toBe(before);
      await client.query("begin");
      await client.query("set search_path to other");
      await client.query("rollback");
      expect(await show()).toBe(before);
      client.release();
    });

    it("refuses a session that asks for a setting that does not exist", async () => {
      const client = new pg.Client({
        ...target.config,
        options: "-c nonsense=1",
      });
      client.on("error", () => {});
      const use = async () => {
        await client.connect();
        await client.query("select 1");
      };
      await expect(use()).rejects.toMatchObject({ code: "42704" });
      await client.end().catch(() => {});
    });

    it("delivers notifications to the sessions that listen, after commit", async () => {
      const a = await pool.connect();
      const b = await other.connect();
      const got: string[] = [];
      a.on("notification", ({ channel, payload }) => got.push(`a ${channel} ${payload}`));
      b.on("notification", ({ channel, payload }) => got.push(`b ${channel} ${payload}`));
      // a notification comes before one that is sent later
      const delivered = async () => {
        await pool.query("notify flush");
        await until(() => got.includes("a flush ") && got.includes("b flush "));
        return got
          .splice(0)
          .filter((line) => !line.endsWith("flush "))
          .toSorted();
      };
      await a.query("listen flush; LISTEN ch");
      await b.query("-- a comment\nlisten flush");
      await b.query('listen "Ch X"');
      await b.query("LISTEN ch;");
      await pool.query("notify ch, 'one'");
      await other.query("select pg_notify('Ch X', 'two')");
      expect(await delivered()).toEqual(["a ch one", "b Ch X two", "b ch one"]);
      expect((await b.query("select pg_listening_channels() c")).rows.map(({ c }) => c)).toEqual(
        expect.arrayContaining(["flush", "Ch X", "ch"]),
      );
      await b.query("unlisten ch");
      await pool.query("notify ch, 'three'");
      expect(await delivered()).toEqual(["a ch three"]);
      const sender = await pool.connect();
      await sender.query("begin");
      await sender.query("notify ch, 'undone'");
      await sender.query("rollback");
      await sender.query("begin");
      await sender.query("notify ch, 'done'");
      await sender.query("commit");
      sender.release();
      expect(await delivered()).toEqual(["a ch done"]);
      await b.query("begin");
      await b.query("listen ch");
      await b.query("rollback");
      await pool.query("notify ch, 'four'");
      expect(await delivered()).toEqual(["a ch four"]);
      for (const client of [a, b]) client.removeAllListeners("notification").release(true);
    });

    it("reads through a cursor and a stream while others run", async () => {
      const client = await pool.connect();
      const cursor = client.query(new Cursor("select g from generate_series(1, 1000) g"));
      expect(await cursor.read(10)).toHaveLength(10);
      const meanwhile = pool.query("select 1");
      expect(await cursor.read(10)).toHaveLength(10);
      await cursor.close();
      await meanwhile;
      let rows = 0;
      const sql = "select g, repeat($1, 1000) x from generate_series(1, 5000) g";
      for await (const _ of client.query(new QueryStream(sql, ["y"], { batchSize: 100 })))
        rows += 1;
      expect(rows).toBe(5000);
      client.release();
    });

    it("has prepared statements of its own in each session", async () => {
      const a = await pool.connect();
      const b = await pool.connect();
      expect(await run(a, "select 1 as x")).toBe(1);
      expect(await run(b, "select 2 as x")).toBe(2);
      expect(await run(a, "select 1 as x")).toBe(1);
      await b.query("discard all");
      expect(await run(a, "select 1 as x")).toBe(1);
      a.release();
      b.release(true);
    });

    it("copies in and out", async () => {
      const client = await pool.connect();
      const copyIn = client.query(copy.from("copy item(v) from stdin"));
      await pipeline(async function* () {
        yield "c1\n";
        yield "c2\n";
      }, copyIn);
      const chunks: Buffer[] = [];
      const copyOut = client.query(
        copy.to("copy (select v from item where v like $$c_$$ order by v) to stdout"),
      );
      for await (const chunk of copyOut) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe("c1\nc2\n");
      const wrong = pipeline(
        async function* () {
          yield "1\t2\t3\n";
        },
        client.query(copy.from("copy item(v) from stdin")),
      );
      await expect(wrong).rejects.toMatchObject({ code: "22P04" });
      client.release();
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("takes and gives a value of 20 MB", async () => {
      const value = "z".repeat(20_000_000);
      const row = await one("select length($1::text) n, $1::text s", [value]);
      expect(row?.["n"]).toBe(20_000_000);
      expect(row?.["s"] === value).toBe(true);
    });

    unless(limits.queryTimeout)(
      `gives up on a query after query_timeout${because(limits.queryTimeout)}`,
      async () => {
        const client = new pg.Client(target.config);
        await client.connect();
        const query = { text: "select pg_sleep(1)", query_timeout: 100 } as pg.QueryConfig;
        await expect(client.query(query)).rejects.toThrow(/timeout/);
        await client.end();
      },
    );

    it("answers a database and a user that do not exist with an error", async () => {
      const config = target.config;
      const connect = async (changes: pg.ClientConfig) => {
        const client = new pg.Client({ ...config, ...changes });
        client.on("error", () => {});
        await client.connect().finally(() => client.end().catch(() => {}));
      };
      await expect(connect({ database: "nowhere" })).rejects.toMatchObject({ code: "3D000" });
      await expect(connect({ user: "nobody" })).rejects.toMatchObject({ code: "28000" });
    });
  });
}
