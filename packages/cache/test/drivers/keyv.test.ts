import { describeCacheStoreContract, testDatabases, testRedis } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";
import { KeyvPostgres } from "@keyv/postgres";
import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";

import { KeyvCacheStore } from "../../src/drivers/keyv.js";

const lacks = { atomicAdd: "keyv can't set only what is missing" };

describeCacheStoreContract(
  "keyv on a Map",
  ({ prefix }) => new KeyvCacheStore(new Map(), { prefix }),
  { lacks: { atomicAdd: "each has its own Map" } },
);

// with a time to live, keyv by itself stores nothing in one of these
describeCacheStoreContract(
  "keyv on an LRUCache",
  ({ prefix }) => new KeyvCacheStore(new LRUCache({ max: 10_000 }), { prefix }),
  { lacks: { atomicAdd: "each has its own LRUCache" } },
);

describeCacheStoreContract(
  "a Keyv that is set up already, with a namespace",
  ({ prefix }) => new KeyvCacheStore(new Keyv({ namespace: "mine" }), { prefix }),
  { lacks: { atomicAdd: "each has its own Map" } },
);

// an optional engine with a native part: node-gyp builds it where it can
const sqlite = await import(process.env["TEST_KEYV_SQLITE"] ?? "@keyv/sqlite").then(
  (module: { KeyvSqlite: new (uri: string) => object }) => module.KeyvSqlite,
  () => undefined,
);
const presentSqlite = sqlite === undefined ? describe.skip : describe;

presentSqlite("SQLite (skipped where @keyv/sqlite is not installed)", () => {
  describeCacheStoreContract(
    "keyv on SQLite",
    ({ prefix }) => new KeyvCacheStore(new sqlite!("sqlite://:memory:"), { prefix }),
    { lacks: { atomicAdd: "each has its own database" } },
  );
});

const postgres = (await testDatabases(process.env)).find(({ name }) => name === "postgres")!;
(postgres.missing === undefined ? describe : describe.skip)(postgres.title, () => {
  let url: Promise<string> | undefined;
  let adapter: KeyvPostgres | undefined;
  afterAll(async () => {
    await adapter?.disconnect();
    await postgres.close();
  });

  describeCacheStoreContract(
    "keyv on PostgreSQL",
    async ({ prefix }) => {
      adapter ??= new KeyvPostgres({ uri: await (url ??= postgres.url()), keySize: 1024 });
      // its pool is one for the process: it is closed in the end
      return new KeyvCacheStore(new Keyv({ store: adapter, namespace: "ns" }), { prefix });
    },
    { lacks },
  );
});

const redis = testRedis(process.env);
(redis.missing === undefined ? describe : describe.skip)(redis.title, () => {
  afterAll(() => redis.close());

  describeCacheStoreContract(
    "keyv on Redis",
    async ({ prefix }) => {
      const adapter = new KeyvRedis(await redis.url(), { noNamespaceAffectsAll: true });
      return new KeyvCacheStore(adapter, { prefix });
    },
    { lacks },
  );
});

/** A store of keyv of which nothing works. */
const broken = (): object => ({
  get: () => Promise.reject(new Error("get is down")),
  set: () => Promise.reject(new Error("set is down")),
  delete: () => Promise.reject(new Error("delete is down")),
  clear: () => Promise.reject(new Error("clear is down")),
});

describe("KeyvCacheStore", () => {
  it("rejects when the store fails, with a listener for errors and without, where keyv says undefined and false", async () => {
    const listened = new Keyv({ store: broken() as Map<string, string> });
    listened.on("error", () => {});
    for (const store of [new KeyvCacheStore(broken()), new KeyvCacheStore(listened)]) {
      await expect(store.get("key")).rejects.toThrow("get is down");
      await expect(store.getMany(["key"])).rejects.toThrow("get is down");
      await expect(store.set("key", "value")).rejects.toThrow("set is down");
      await expect(store.add("key", "value")).rejects.toThrow("get is down");
      await expect(store.delete(["key"])).rejects.toThrow("get is down");
    }
  });

  it("rejects when the store refuses a write without a word", async () => {
    const store = new KeyvCacheStore({ ...broken(), set: () => Promise.resolve(false) });
    await expect(store.set("key", "value")).rejects.toMatchObject({
      code: "ERR_CACHE_STORE_OPERATION",
    });
  });

  it("closes what it made of a store once, and a Keyv that it was given not at all", async () => {
    let closed = 0;
    const closable = (): object => ({ ...broken(), disconnect: async () => void closed++ });
    const own = new KeyvCacheStore(closable());
    await own.close();
    await own.close();
    expect(closed).toBe(1);
    await new KeyvCacheStore(new Keyv({ store: closable() as Map<string, string> })).close();
    expect(closed).toBe(1);
  });

  it("says so when the store can't list its keys", async () => {
    const store = new KeyvCacheStore(broken());
    await expect(store.clear("a")).rejects.toMatchObject({ code: "ERR_CACHE_STORE_OPERATION" });
  });

  it("keeps a key apart that begins with keyv's namespace, which keyv takes for one it has prefixed", async () => {
    const store = new KeyvCacheStore(new Keyv({ namespace: "ns" }), { prefix: "ns" });
    await store.set("key", "1");
    await store.set("ns:key", "2");
    expect(await store.getMany(["key", "ns:key"])).toEqual(["1", "2"]);
  });
});
