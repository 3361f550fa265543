import { randomBytes } from "node:crypto";

import { MemoryRateLimitStore } from "@infra/middleware/drivers/memory";
import { PostgresRateLimitStore } from "@infra/middleware/drivers/postgres";
import { RedisRateLimitStore } from "@infra/middleware/drivers/redis";
import {
  describeRateLimitStoreContract,
  ManualClock,
  testDatabases,
  testRedis,
  until,
} from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Pool } from "pg";
import { createClient } from "redis";

describeRateLimitStoreContract("MemoryRateLimitStore", async ({ clock }) => ({
  store: new MemoryRateLimitStore({ clock }),
  close: async () => undefined,
}));

describe("MemoryRateLimitStore", () => {
  it("knows no more keys than it may, and has no timer", async () => {
    const clock = new ManualClock();
    const store = new MemoryRateLimitStore({ maxKeys: 3, clock });
    const rule = { limit: 1, windowMs: 60_000 };
    for (const key of ["a", "b", "c", "a", "d"]) await store.consume(key, rule);

    expect(store.size).toBe(3);
    expect(clock.pending).toBe(0);
    // asked for last, and so still known
    expect((await store.consume("a", rule)).allowed).toBe(false);
    expect((await store.consume("b", rule)).allowed).toBe(true);
    expect(() => new MemoryRateLimitStore({ maxKeys: 0 })).toThrow("maxKeys must be");
  });
});

const redis = testRedis(process.env);
(redis.missing === undefined ? describe : describe.skip)(redis.title, () => {
  let url: string;
  beforeAll(async () => {
    url = await redis.url();
  }, 60_000);
  afterAll(() => redis.close());

  describeRateLimitStoreContract("RedisRateLimitStore", async ({ clock }) => {
    const prefix = `${randomBytes(6).toString("hex")}*:`;
    const stores: RedisRateLimitStore[] = [];
    const again = async (): Promise<RedisRateLimitStore> => {
      const store = new RedisRateLimitStore({ redis: url, prefix, clock });
      stores.push(store);
      return store;
    };
    return {
      store: await again(),
      again,
      close: async () => void (await Promise.all(stores.map((store) => store.close()))),
    };
  });

  it("await using closes the connection that it opened itself", async () => {
    const client = createClient({ url });
    await client.connect();
    try {
      const before = (await client.clientList()).length;
      {
        await using store = new RedisRateLimitStore({ redis: url, prefix: "disposed:" });
        await store.consume("a", { limit: 1, windowMs: 5000 });
        expect(await client.clientList()).toHaveLength(before + 1);
      }
      expect(await until(async () => (await client.clientList()).length === before)).toBe(true);
    } finally {
      client.destroy();
    }
  });

  it("keeps a key, with all of its windows, in one hash that lives as long as the longest", async () => {
    const client = createClient({ url });
    await client.connect();
    try {
      const prefix = `${randomBytes(6).toString("hex")}:`;
      const store = new RedisRateLimitStore({ redis: client, prefix });
      for (const windowMs of [3_600_000, 1_000]) await store.consume("a", { limit: 1, windowMs });
      expect(await client.keys(`${prefix}*`)).toEqual([`${prefix}a`]);
      expect(await client.pTTL(`${prefix}a`)).toBeGreaterThan(3_000_000);
      await store.reset("a");
      expect(await client.keys(`${prefix}*`)).toEqual([]);
    } finally {
      client.destroy();
    }
  });

  it("takes a client that stays open, goes by the server's time, and lets keys expire", async () => {
    const client = createClient({ url });
    await client.connect();
    try {
      const prefix = `${randomBytes(6).toString("hex")}:`;
      const store = new RedisRateLimitStore({ redis: client, prefix });
      expect(await store.consume("a", { limit: 1, windowMs: 5000 })).toMatchObject({
        allowed: true,
      });
      await store.close();
      const left = await client.pTTL(`${prefix}a`);
      expect(left).toBeGreaterThan(4000);
      expect(left).toBeLessThan(6000);
    } finally {
      client.destroy();
    }
    expect(() => new RedisRateLimitStore({ redis: {} as never })).toThrow("redis must be");
  });
});

const databases = await testDatabases(process.env);
const postgres = databases.find(({ name }) => name === "postgres")!;
(postgres.missing === undefined ? describe : describe.skip)(postgres.title, () => {
  let pool: Pool | undefined;
  beforeAll(async () => {
    pool = new Pool({ connectionString: await postgres.url(), max: 4 });
    pool.on("error", () => undefined);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await postgres.close();
  });

  describeRateLimitStoreContract("PostgresRateLimitStore", async ({ clock }) => {
    const table = `limits_${randomBytes(6).toString("hex")}`;
    const again = async () => new PostgresRateLimitStore({ pool: pool!, table, clock });
    return { store: await again(), again, close: async () => undefined };
  });

  it("makes its table once, whoever comes first, and goes by the server's time", async () => {
    const table = `public.limits_${randomBytes(6).toString("hex")}`;
    const stores = Array.from(
      { length: 8 },
      () => new PostgresRateLimitStore({ pool: pool!, table }),
    );
    const rule = { limit: 3, windowMs: 60_000 };
    const results = await Promise.all(stores.map((store) => store.consume("a", rule)));

    expect(results.filter(({ allowed }) => allowed)).toHaveLength(3);
    expect(() => new PostgresRateLimitStore({ pool: pool!, table: "a;drop" })).toThrow(
      "table must be",
    );
  });
});
