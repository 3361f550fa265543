import { realpathSync } from "node:fs";
import { createRequire } from "node:module";

import {
  describeCacheStoreContract,
  describeInvalidationBusContract,
  testRedis,
} from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";
import { createClient } from "redis";

import {
  RedisCacheStore,
  RedisInvalidationBus,
  type RedisClient,
} from "../../src/drivers/redis.js";

const redis = testRedis(process.env);
const present = redis.missing === undefined ? describe : describe.skip;

present(`RedisCacheStore with ${redis.title}`, () => {
  afterAll(() => redis.close());

  describeCacheStoreContract(
    "redis",
    async ({ prefix }) => new RedisCacheStore({ url: await redis.url(), prefix }),
  );

  describeInvalidationBusContract("redis", async () => {
    const prefix = `bus-${Math.random().toString(36).slice(2)}`;
    const url = await redis.url();
    const [one, other] = [0, 1].map(() => new RedisInvalidationBus({ url, prefix }));
    return {
      one: one!,
      other: other!,
      async close() {
        await one!.close();
        await other!.close();
      },
    };
  });

  it("takes a client of one's own, and leaves it open", async () => {
    const client = createClient({ url: await redis.url() });
    client.on("error", () => {});
    await client.connect();
    try {
      const store = new RedisCacheStore({
        client: client as unknown as RedisClient,
        prefix: "handed",
      });
      const listeners = client.listenerCount("error");
      await store.set("key", "value");
      expect(await client.get("handed:key")).toBe("value");
      await store.close();
      expect(client.isOpen).toBe(true);
      expect((await store.keyv()).client).toBe(client);
      await client.unlink("handed:key");
      // keyv's own stays
      expect(client.listenerCount("error")).toBeLessThanOrEqual(listeners + 1);
    } finally {
      client.destroy();
    }
  });

  it("refuses at once while there is no connection, and keeps nothing for later", async () => {
    const store = new RedisCacheStore({ url: "redis://127.0.0.1:1" });
    try {
      await expect(store.get("key")).rejects.toThrow(/offline|closed/i);
      await expect(store.set("key", "value")).rejects.toThrow(/offline|closed/i);
    } finally {
      await store.close();
    }
  });
});

describe("the clients of Redis in one application", () => {
  it("are one: keyv's adapter stands on the client that redis is", () => {
    const own = createRequire(import.meta.url);
    const client = (from: string): string =>
      realpathSync(createRequire(realpathSync(own.resolve(from))).resolve("@redis/client"));
    expect(client("@keyv/redis")).toBe(client("redis"));
  });
});
