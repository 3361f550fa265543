import type { SqlPool } from "@infra/interfaces";
import { describeCacheStoreContract, testDatabases } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";
import pg from "pg";

import { PostgresCacheStore } from "../../src/drivers/postgres.js";

const postgres = (await testDatabases(process.env)).find(({ name }) => name === "postgres")!;
const present = postgres.missing === undefined ? describe : describe.skip;

present(`PostgresCacheStore with ${postgres.title}`, () => {
  let url: Promise<string> | undefined;
  const shared = (): Promise<string> => (url ??= postgres.url());
  afterAll(() => postgres.close());

  describeCacheStoreContract(
    "postgres",
    async ({ prefix }) => new PostgresCacheStore({ url: await shared(), prefix }),
  );

  it("closes its own pool and no other's, of which keyv would close the last one made", async () => {
    const one = new PostgresCacheStore({ url: await shared() });
    const other = new PostgresCacheStore({ url: `${await shared()}?application_name=other` });
    await one.set("key", "one");
    await other.set("key", "other");
    await one.close();
    expect(await other.get("key")).toBe("other");
    await other.clear();
    await other.close();
  });

  it("takes a pool of one's own, and leaves it open", async () => {
    const pool = new pg.Pool({ connectionString: await shared() });
    try {
      const store = new PostgresCacheStore({ pool: pool as unknown as SqlPool });
      await store.set("key", "value");
      await store.clear();
      await store.close();
      expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  it("begins anew when the server was not there at first, where keyv goes on without its table", async () => {
    const pool = new pg.Pool({ connectionString: await shared() });
    let down = true;
    const flaky = {
      query: (sql: string, values: unknown[]) =>
        down ? Promise.reject(new Error("connect ECONNREFUSED")) : pool.query(sql, values),
    } as unknown as SqlPool;
    try {
      const store = new PostgresCacheStore({ pool: flaky, table: "made_late" });
      await expect(store.get("key")).rejects.toThrow("connect ECONNREFUSED");
      down = false;
      await store.set("key", "value");
      expect(await store.get("key")).toBe("value");
    } finally {
      await pool.end();
    }
  });

  it("deletes what has expired while something is written, once a minute", async () => {
    const pool = new pg.Pool({ connectionString: await shared() });
    let now = 1_000_000;
    const clock = { now: () => now, monotonic: () => now, setTimeout: () => () => {} };
    const rows = async (): Promise<number> =>
      (await pool.query("select 1 from pruned")).rowCount ?? 0;
    try {
      const store = new PostgresCacheStore(
        { pool: pool as unknown as SqlPool, table: "pruned" },
        { clock },
      );
      await store.set("a", "1", { ttlMs: 1_000 });
      now += 30_000;
      await store.set("b", "2");
      expect(await rows()).toBe(2);
      now += 31_000;
      await store.set("c", "3");
      for (;;) if ((await rows()) === 2) break;
      expect(await store.get("b")).toBe("2");
    } finally {
      await pool.end();
    }
  });

  it("refuses a table that is no name", () => {
    expect(() => new PostgresCacheStore({ url: "postgres://h/d", table: 'a"; drop' })).toThrow(
      new RangeError('table must be lower-case letters, digits and "_", got "a\\"; drop"'),
    );
  });
});
