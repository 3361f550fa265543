import { inspect } from "node:util";

import { MemoryLogger, startTcpProxy, until } from "@infra/testing";
import { beforeAll, expect, it } from "@jest/globals";

import {
  CommitUnknownError,
  ConnectionError,
  DatabaseService,
  PoolExhaustedError,
  StoppedError,
  UnreachableError,
} from "../src/index.js";
import { describeOnEngines } from "./engines.js";

describeOnEngines("start() and stop()", (engine) => {
  it("are idempotent, first use starts, use after stop() is refused, start() opens again", async () => {
    const db = await engine.open();
    expect(await db.health()).toEqual({
      status: "down",
      message: "the database is not connected (idle)",
    });
    await Promise.all([db.query("select 1"), db.connect(), db.start()]);
    await db.connect();
    expect(await db.health()).toMatchObject({
      status: "up",
      details: { engine: engine.name, latencyMs: expect.any(Number) },
    });
    await Promise.all([db.disconnect(), db.stop()]);
    await db.stop();
    await expect(db.query("select 1")).rejects.toThrow(StoppedError);
    await expect(db.transaction(() => Promise.resolve())).rejects.toThrow(StoppedError);
    await expect(db.openPool()).rejects.toThrow(StoppedError);
    expect((await db.health()).status).toBe("down");
    await db.start();
    expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
  }, 60_000);

  it("stop() lets what is in flight end", async () => {
    const db = await engine.open();
    await db.query("create table if not exists kept (id int)");
    let inside!: () => void;
    const begun = new Promise<void>((resolve) => (inside = resolve));
    const work = db.transaction(async () => {
      inside();
      await db.query("select pg_sleep(0.2)");
      return db.query("select 1 as n");
    });
    await begun;
    await db.stop();
    expect(await work).toEqual([{ n: 1 }]);
  }, 60_000);

  it("stop() ends within stopTimeout although a transaction never does", async () => {
    const logger = new MemoryLogger();
    const db = await engine.open({ stopTimeout: 300 }, { logger });
    let inside!: () => void;
    const begun = new Promise<void>((resolve) => (inside = resolve));
    const stuck = db.transaction(async () => {
      await db.query("select 1");
      inside();
      await new Promise(() => {});
    });
    stuck.catch(() => {});
    await begun;
    const startedAt = performance.now();
    await db.stop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(logger.messages("warn")).toContain("the database was stopped with connections in use");
  }, 60_000);

  it("stop() before start() has ended calls it off", async () => {
    const db = await engine.open();
    const starting = db.start();
    starting.catch(() => {});
    await db.stop();
    await starting.catch(() => {});
    await expect(db.query("select 1")).rejects.toThrow(StoppedError);
  }, 60_000);
});

describeOnEngines("connections", (engine) => {
  // regression: knex keeps two for ever
  it("idle ones are let go of", async () => {
    const db = await engine.open({ idleTimeout: 50 });
    await Promise.all([1, 2, 3].map((n) => db.query("select ?::int", [n])));
    expect(db.stats().pool).toMatchObject({ max: 10, used: 0 });
    expect(db.stats().pool.free).toBeGreaterThan(0);
    await until(() => db.stats().pool.free === 0);
  }, 60_000);

  it("the wait for one has an end that says which bound was reached", async () => {
    const db = await engine.open({ maxConnections: 1, acquireTimeout: 200 });
    const held = await db.knex.transaction();
    const outcome = db.query("select 1");
    await expect(outcome).rejects.toThrow(PoolExhaustedError);
    await expect(outcome).rejects.toThrow(/within 200 ms \(acquireTimeout\): 1 of 1/);
    expect(await db.health()).toMatchObject({ status: "degraded" });
    await held.rollback();
    expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
  }, 60_000);

  it("openPool() gives pools on the same database, with settings of their own, which end with it", async () => {
    const db = await engine.open();
    await db.query('create schema "my jobs"');
    const pool = await db.openPool({ max: 2, settings: { search_path: '"my jobs", public' } });
    await pool.query("create table queue (id int)");
    const client = await pool.connect();
    await client.query("insert into queue values ($1)", [1]);
    client.release();
    expect(await db.query('select * from "my jobs".queue')).toEqual([{ id: 1 }]);
    expect(await db.query("select to_regclass('queue') as hidden")).toEqual([{ hidden: null }]);
    const other = await db.openPool();
    await other.query("select 1");
    await other.end();
    await db.stop();
    await expect(pool.query("select 1")).rejects.toThrow(/after calling end|closed/);
  }, 60_000);
});

describeOnEngines(
  "a server that goes away",
  (engine) => {
    let url: string;
    beforeAll(async () => {
      url = await engine.url();
    }, 60_000);

    // regression: knex hands out a dead connection, and the statement waits for ever
    it("a connection that fell silent while idle is replaced before it is used", async () => {
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({ url: proxy.url, validateAfter: 0, stopTimeout: 500 });
      await db.query("select 1");
      proxy.freeze("open");
      expect(await db.query("select 2 as n")).toEqual([{ n: 2 }]);
    }, 20_000);

    it("a connection that was cut gives a ConnectionError, the next statement a new connection", async () => {
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({ url: proxy.url });
      const lost = db.query("select pg_sleep(5)");
      await until(() => db.stats().pool.used === 1);
      let ended = false;
      const end = (): void => void (ended = true);
      lost.then(end, end);
      await until(() => (proxy.cut(), ended));
      await expect(lost).rejects.toThrow(ConnectionError);
      await expect(lost).rejects.toMatchObject({ retryable: true, status: 503 });
      expect(await db.query("select 3 as n")).toEqual([{ n: 3 }]);
      expect(await db.health()).toMatchObject({ status: "up" });
    }, 20_000);

    // regression: knex gives it back to a pool that is no longer there
    it("a statement that stop() did not wait for is a ConnectionError", async () => {
      const db = new DatabaseService({ url, stopTimeout: 100 });
      await db.start();
      const cut = db.query("select pg_sleep(30)");
      cut.catch(() => {});
      await until(() => db.stats().pool.used === 1);
      await db.stop();
      await expect(cut).rejects.toThrow(ConnectionError);
    }, 20_000);

    // regression: knex runs the work although BEGIN has failed
    it("a transaction that can't begin does not run its work", async () => {
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({ url: proxy.url });
      await db.query("select 1");
      proxy.cut();
      let ran = false;
      const outcome = db.transaction(async () => {
        ran = true;
      });
      // the cut has not been noticed yet: BEGIN goes out, and nobody answers
      await expect(outcome).rejects.toThrow(ConnectionError);
      expect(ran).toBe(false);
    }, 20_000);

    // regression: eight retry loops printed 9,000 lines in three seconds
    it("says once that nobody answers and once that somebody does again, however many ask", async () => {
      const logger = new MemoryLogger();
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({ url: proxy.url }, { logger });
      await db.query("select 1");
      proxy.refuse();
      const ask = async (): Promise<void> => {
        for (let at = 0; at < 50; at += 1) await db.query("select 1").catch(() => {});
      };
      await Promise.all([ask(), ask(), ask(), ask()]);
      expect((await db.health()).status).toBe("down");
      proxy.restore();
      await until(async () => (await db.health()).status === "up");
      await until(() => logger.messages("info").includes("the database answers again"));
      const said = logger.lines.filter(({ level }) => level !== "debug");
      expect(said.map(({ level, message }) => [level, message])).toEqual([
        ["info", "database connected"],
        ["warn", "the database does not answer"],
        ["info", "the database answers again"],
      ]);
    }, 20_000);

    it("a statement on a connection that fell silent ends with its timeout", async () => {
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({
        url: proxy.url,
        connectTimeout: 500,
        stopTimeout: 500,
      });
      await db.query("select 1");
      proxy.freeze("open");
      await expect(db.query("select 2", [], { timeout: 100 })).rejects.toMatchObject({
        code: "ERR_DATABASE_QUERY_TIMEOUT",
      });
      expect(await db.query("select 3 as n")).toEqual([{ n: 3 }]);
    }, 20_000);

    it("a pool of openPool() outlives the loss of its idle connections", async () => {
      await using db = new DatabaseService({ url });
      const pool = await db.openPool({ max: 1 });
      const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
      await db.query("select pg_terminate_backend(?)", [rows[0]!.pid]);
      await until(() => (pool as unknown as { totalCount: number }).totalCount === 0);
      const again = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
      expect(again.rows[0]!.pid).not.toBe(rows[0]!.pid);
    }, 20_000);

    it("a pool of openPool() outlives the loss of connections that are in use", async () => {
      await using db = new DatabaseService({ url });
      const pool = await db.openPool({ max: 1 });
      const client = await pool.connect();
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      await db.query("select pg_terminate_backend(?)", [rows[0]!.pid]);
      const fails = (): Promise<boolean> =>
        client.query("select 1").then(
          () => false,
          () => true,
        );
      await until(fails);
      client.release(true);
      expect((await pool.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
    }, 20_000);

    it("losing the connection during COMMIT is told apart: nobody may try it again blindly", async () => {
      await using proxy = await startTcpProxy(url);
      await using db = new DatabaseService({ url: proxy.url });
      await db.query("create table pairs (id int primary key)");
      // a deferred constraint trigger makes COMMIT itself slow
      await db.query(
        "create function nap() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return null; end $$",
      );
      await db.query(
        "create constraint trigger slow_commit after insert on pairs deferrable initially deferred for each row execute function nap()",
      );
      let cut: NodeJS.Timeout | undefined;
      const outcome = db.transaction(async () => {
        await db.query("insert into pairs values (1)");
        cut = setTimeout(() => proxy.cut(), 300);
      });
      await expect(outcome).rejects.toThrow(CommitUnknownError);
      await expect(outcome).rejects.toMatchObject({ retryable: false });
      clearTimeout(cut);
    }, 20_000);

    it("start() keeps trying, then says which URL, why, and what to do, without the password", async () => {
      const logger = new MemoryLogger();
      const db = new DatabaseService(
        { url: "postgres://app:s3cret@127.0.0.1:1/shop", startTimeout: 400 },
        { logger },
      );
      const outcome = db.connect();
      await expect(outcome).rejects.toThrow(UnreachableError);
      const error = (await outcome.catch((e: unknown) => e)) as Error;
      expect(error.message).toMatch(
        /^cannot connect to postgres:\/\/app:\*\*\*@127\.0\.0\.1:1\/shop: .*ECONNREFUSED.* \(\d attempts\); start that server, correct the url \(DATABASE_URL\), or unset DATABASE_URL to run on the embedded database$/,
      );
      expect(inspect(error, { depth: 10 })).not.toContain("s3cret");
      expect(inspect(db.knex, { depth: 10 })).not.toContain("s3cret");
      expect(logger.messages("warn").length).toBeGreaterThan(0);
      expect(inspect(logger.lines, { depth: 10 })).not.toContain("s3cret");
      expect(await db.health()).toMatchObject({ status: "down" });
      await db.stop();
    }, 20_000);

    it("start() names every address that a host has", async () => {
      const db = new DatabaseService({ url: "postgres://localhost:1/x", startTimeout: 0 });
      await expect(db.start()).rejects.toThrow(/localhost:1\/x: .*ECONNREFUSED .*:1/);
    }, 20_000);

    it("start() does not try again what can't get better", async () => {
      const wrong = new URL(url);
      wrong.pathname = "/no_such_database";
      const db = new DatabaseService({ url: wrong.href });
      const startedAt = performance.now();
      await expect(db.start()).rejects.toThrow(
        /database "no_such_database" does not exist \(1 attempt\)/,
      );
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }, 20_000);

    it("start() is called off by its signal", async () => {
      const db = new DatabaseService({ url: "postgres://127.0.0.1:1/x", startTimeout: "1m" });
      await expect(db.start({ signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
        code: "ERR_DATABASE_CANCELLED",
      });
    }, 20_000);
  },
  ["postgres"],
);
