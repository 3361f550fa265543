import { randomBytes } from "node:crypto";

import { describe, expect, it } from "@jest/globals";
import pg from "pg";

import { usePools, type Target } from "./target.js";
import { until } from "./until.js";

/** What an engine cannot do, by the subject of its tests, and why. */
export interface Limits {
  readonly queryTimeout?: string;
  readonly interrupt?: string;
  readonly sessionState?: string;
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

/** What sessions have of their own on any PostgreSQL: run against the embedded engine and against a server. */
export function describeSessionSemantics(
  title: string,
  start: () => Promise<Target>,
  limits: Limits = {},
): void {
  describe(`Sessions through pg on ${title}`, () => {
    const db = usePools(
      start,
      "create schema other; create table other.who(x int); create table public.who(y int)",
    );

    unless(limits.queryTimeout)(
      `gives up on a query after query_timeout${because(limits.queryTimeout)}`,
      async () => {
        const client = new pg.Client(db.config);
        await client.connect();
        const query = { text: "select pg_sleep(1)", query_timeout: 100 } as pg.QueryConfig;
        await expect(client.query(query)).rejects.toThrow(/timeout/);
        await client.end();
      },
    );

    it("has settings of its own in each session, search_path first of all", async () => {
      expect(await columns(db.pool)).toEqual(["y"]);
      expect(await columns(db.other)).toEqual(["x"]);
      const a = await db.pool.connect();
      const b = await db.pool.connect();
      await a.query("set search_path to other, public");
      expect(await path(a)).toBe("other, public");
      expect(await columns(a)).toEqual(["x"]);
      expect(await columns(b)).toEqual(["y"]);
      await a.query("reset search_path");
      expect(await columns(a)).toEqual(["y"]);
      await a.query("set search_path to ''");
      expect(await path(a)).toBe('""');
      expect(await columns(b)).toEqual(["y"]);
      await expect(columns(a)).rejects.toMatchObject({ code: "42P01" });
      await a.query("set application_name = 'me'");
      expect((await a.query("show application_name")).rows).toEqual([{ application_name: "me" }]);
      expect((await b.query("show application_name")).rows).toEqual([{ application_name: "" }]);
      a.release(true);
      b.release();
    });

    it("has an application's own settings and the role in each session too", async () => {
      // a server has its roles in common with all of its databases
      const role = `reader_${randomBytes(4).toString("hex")}`;
      await db.pool.query(`create role ${role}`);
      const a = await db.pool.connect();
      const b = await db.pool.connect();
      await a.query("select set_config($1, $2, false)", ["app.tenant", "42"]);
      await a.query(`set role ${role}`);
      expect(await tenant(b)).toMatchObject({ u: "postgres" });
      expect((await tenant(b)).t ?? "").toBe("");
      expect(await tenant(a)).toEqual({ t: "42", u: role });
      expect(await tenant(b)).toMatchObject({ u: "postgres" });
      a.release(true);
      b.release();
      await db.pool.query(`drop role ${role}`);
    });

    it("undoes a SET when its transaction is rolled back, and SET LOCAL at its end", async () => {
      const client = await db.pool.connect();
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
        ...db.config,
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
      const a = await db.pool.connect();
      const b = await db.other.connect();
      const got: string[] = [];
      a.on("notification", ({ channel, payload }) => got.push(`a ${channel} ${payload}`));
      b.on("notification", ({ channel, payload }) => got.push(`b ${channel} ${payload}`));
      // a notification comes before one that is sent later
      const delivered = async () => {
        await db.pool.query("notify flush");
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
      await db.pool.query("notify ch, 'one'");
      await db.other.query("select pg_notify('Ch X', 'two')");
      expect(await delivered()).toEqual(["a ch one", "b Ch X two", "b ch one"]);
      expect((await b.query("select pg_listening_channels() c")).rows.map(({ c }) => c)).toEqual(
        expect.arrayContaining(["flush", "Ch X", "ch"]),
      );
      await b.query("unlisten ch");
      await db.pool.query("notify ch, 'three'");
      expect(await delivered()).toEqual(["a ch three"]);
      const sender = await db.pool.connect();
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
      await db.pool.query("notify ch, 'four'");
      expect(await delivered()).toEqual(["a ch four"]);
      for (const client of [a, b]) client.removeAllListeners("notification").release(true);
    });

    it("has prepared statements of its own in each session", async () => {
      const a = await db.pool.connect();
      const b = await db.pool.connect();
      expect(await run(a, "select 1 as x")).toBe(1);
      expect(await run(b, "select 2 as x")).toBe(2);
      expect(await run(a, "select 1 as x")).toBe(1);
      await b.query("discard all");
      expect(await run(a, "select 1 as x")).toBe(1);
      a.release();
      b.release(true);
    });

    unless(limits.interrupt)(
      `stops a statement after statement_timeout, and when it is cancelled${because(limits.interrupt)}`,
      async () => {
        const client = new pg.Client(db.config) as pg.Client & { readonly processID: number };
        await client.connect();
        try {
          await client.query("set statement_timeout = 50");
          await expect(client.query("select pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
          await client.query("set statement_timeout = 0");
          const sleeping = client.query("select pg_sleep(60)").catch((error: unknown) => error);
          const sleeps = "select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'";
          await until(async () => (await db.pool.query(sleeps, [client.processID])).rowCount === 1);
          await db.pool.query("select pg_cancel_backend($1)", [client.processID]);
          expect(await sleeping).toMatchObject({ code: "57014" });
        } finally {
          await client.end();
        }
      },
    );

    unless(limits.sessionState)(
      `has temporary tables, advisory locks and SQL's PREPARE in each session${because(limits.sessionState)}`,
      async () => {
        const a = await db.pool.connect();
        const b = await db.pool.connect();
        await a.query("create temporary table mine(x int); prepare mine as select 1");
        await expect(b.query("select * from mine")).rejects.toMatchObject({ code: "42P01" });
        await expect(b.query("execute mine")).rejects.toMatchObject({ code: "26000" });
        await a.query("select pg_advisory_lock(4711)");
        const { rows } = await b.query("select pg_try_advisory_lock(4711) got");
        expect(rows).toEqual([{ got: false }]);
        a.release(true);
        b.release(true);
      },
    );

    it("lets advisory locks of transactions exclude each other", async () => {
      const order: string[] = [];
      await Promise.all(
        ["a", "b", "c"].map(async (name) => {
          const client = await db.pool.connect();
          await client.query("begin");
          await client.query("select pg_advisory_xact_lock(4712)");
          order.push(name);
          await client.query("select 1");
          order.push(name);
          await client.query("commit");
          client.release();
        }),
      );
      expect([order[0], order[2], order[4]]).toEqual([order[1], order[3], order[5]]);
    });

    it("answers a database and a user that do not exist with an error", async () => {
      const config = db.config;
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
