import { until } from "@infra/testing";
import { beforeAll, expect, it } from "@jest/globals";

import { CancelledError, QueryTimeoutError, type DatabaseService } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

const slow = "select pg_sleep(1) as slow";

const elapsed = async (work: () => PromiseLike<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

describeOnEngines("giving up", (engine) => {
  let db: DatabaseService;
  beforeAll(async () => {
    db = await engine.open({ maxConnections: 2 });
    await db.start();
  }, 60_000);

  it("timeout ends the statement, on the server where that can be done", async () => {
    const ms = await elapsed(() =>
      expect(db.query(slow, [], { timeout: 100 })).rejects.toThrow(QueryTimeoutError),
    );
    expect(ms).toBeLessThan(800);
  });

  it("signal does the same, for every builder", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const builder = db.knex.select(db.knex.raw("pg_sleep(1)"));
    const ms = await elapsed(() =>
      expect(db.run(builder, { signal: controller.signal })).rejects.toThrow(CancelledError),
    );
    expect(ms).toBeLessThan(800);
    await expect(db.query("select 1", [], { signal: controller.signal })).rejects.toThrow(
      CancelledError,
    );
  });

  it("a builder's own timeout() is one of ours", async () => {
    await expect(db.knex.raw(slow).timeout(100)).rejects.toThrow(QueryTimeoutError);
  });

  it("the connection is of use afterwards", async () => {
    await until(() => db.stats().pool.used === 0);
    for (const n of [1, 2, 3, 4]) {
      expect(await db.query("select ?::int as n", [n])).toEqual([{ n }]);
    }
  }, 30_000);

  it("signal and timeout leave nothing behind when the statement is quicker", async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, timeout: "5s" } as const;
    expect(await db.query("select 1 as n", [], options)).toEqual([{ n: 1 }]);
    expect(await db.sql`select ${2}::int as n`.run(options)).toEqual([{ n: 2 }]);
    controller.abort();
    expect(await db.query("select 3 as n")).toEqual([{ n: 3 }]);
    expect(db.stats().pool.used).toBe(0);
  });

  it("a failed statement inside a transaction can be given up as well", async () => {
    await expect(
      db.transaction(async () => {
        await db.query("select 1", [], { timeout: "1s" });
        await db.query(slow, [], { timeout: 100 });
      }),
    ).rejects.toThrow(QueryTimeoutError);
    await until(() => db.stats().pool.used === 0);
    expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
  }, 30_000);
});

describeOnEngines(
  "giving up, on the server",
  (engine) => {
    let db: DatabaseService;
    beforeAll(async () => {
      db = await engine.open({ maxConnections: 2 });
      await db.start();
    }, 60_000);

    const running = (): PromiseLike<unknown> =>
      db.sql`select query from pg_stat_activity where state = 'active' and query ~ '^select pg_.leep'`;

    it("ends what runs there: timeout and signal", async () => {
      await db.query("select pg_sleep(20)", [], { timeout: 100 }).catch(() => {});
      expect(await running()).toEqual([]);
      const signal = AbortSignal.timeout(100);
      await db.run(db.knex.raw("select pg_sleep(20)"), { signal }).catch(() => {});
      expect(await running()).toEqual([]);
      const inside = db.transaction(() => db.query("select pg_sleep(20)", [], { timeout: 100 }));
      await inside.catch(() => {});
      expect(await running()).toEqual([]);
    });

    // regression: knex's timeout() stops waiting and lets the statement run
    it("ends it for a builder's own timeout()", async () => {
      await expect(db.knex.raw("select pg_sleep(20)").timeout(100)).rejects.toThrow(
        QueryTimeoutError,
      );
      expect(await running()).toEqual([]);
    });
  },
  ["postgres"],
);

describeOnEngines(
  "queryTimeout",
  (engine) => {
    it("ends statements without a limit of their own, but no migration", async () => {
      const db = await engine.open({
        queryTimeout: 150,
        migrations: [{ name: "slow", up: (knex) => knex.raw("select pg_sleep(0.4)") }],
      });
      await expect(db.query(slow)).rejects.toThrow(QueryTimeoutError);
      expect(await db.query("select pg_sleep(0.4)", [], { timeout: "5s" })).toHaveLength(1);
      expect(await db.migrate.latest()).toEqual(["slow"]);
    }, 30_000);
  },
  ["postgres"],
);
