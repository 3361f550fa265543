import {
  describeInvalidationBusContract,
  ManualClock,
  MemoryInvalidationBus,
  settle,
  until,
} from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { MemoryCacheStore } from "../src/drivers/memory.js";
import { CacheService, type CacheEvent, type CacheOptions } from "../src/index.js";

describeInvalidationBusContract("memory", async () => {
  const bus = new MemoryInvalidationBus();
  return { one: bus, other: bus, close: () => Promise.resolve() };
});

const caches: CacheService[] = [];
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.stop();
});

/** Two services as of two processes, with a store and a bus between them. */
async function two(options: CacheOptions = {}): Promise<{
  one: CacheService;
  other: CacheService;
  store: MemoryCacheStore;
  bus: MemoryInvalidationBus;
  clock: ManualClock;
}> {
  const clock = new ManualClock();
  const store = new MemoryCacheStore({}, { clock });
  const bus = new MemoryInvalidationBus();
  const [one, other] = [0, 1].map(() => new CacheService({ store, ...options }, { bus, clock }));
  caches.push(one!, other!);
  await one!.start();
  await other!.start();
  return { one: one!, other: other!, store, bus, clock };
}

describe("memory before a shared store", () => {
  it("is asked first, and takes over what the store has", async () => {
    const { one, other } = await two();
    const tiers: string[] = [];
    other.subscribe((event) => event.type === "hit" && tiers.push(event.tier));
    await one.set("key", { a: 1 });
    expect(await other.get("key")).toEqual({ a: 1 });
    expect(await other.get("key")).toEqual({ a: 1 });
    expect(tiers).toEqual(["store", "memory"]);
    expect(other.stats()).toMatchObject({ storeHits: 1, memoryHits: 1, misses: 0 });
  });

  it("forgets what another process sets, deletes, clears and invalidates", async () => {
    const { one, other } = await two();
    const users = other.namespace("users");
    await one.setMany([
      ["a", 1],
      ["b", 1],
    ]);
    await one.set("t", 1, { tags: ["tag"] });
    await one.namespace("users").set("u", 1);
    expect(await other.getMany(["a", "b", "t"])).toHaveProperty("size", 3);
    expect(await users.get("u")).toBe(1);

    await one.set("a", 2);
    expect(await other.get("a")).toBe(2);
    await one.delete("b");
    expect(await other.has("b")).toBe(false);
    await one.invalidateTags(["tag"]);
    expect(await other.get("t")).toBeUndefined();
    await one.namespace("users").clear();
    expect(await users.get("u")).toBeUndefined();
    expect(await other.get("a")).toBe(2);
  });

  it("a value that is loaded makes nobody forget it", async () => {
    const { one, other } = await two();
    const heard: CacheEvent[] = [];
    other.subscribe((event) => event.type === "remote-invalidation" && heard.push(event));
    await one.getOrSet("key", () => 1);
    expect(heard).toEqual([]);
  });

  it("what was being read when it was changed is not remembered", async () => {
    const { one, other, store } = await two();
    await one.set("key", "old");
    const get = store.get.bind(store);
    let answer!: () => void;
    const asked = new Promise<void>((resolve) => {
      store.get = async (key, options) => {
        const value = await get(key, options);
        resolve();
        await new Promise<void>((answered) => (answer = answered));
        return value;
      };
    });
    const reading = other.get("key");
    await asked;
    store.get = get;
    await one.set("key", "new");
    answer();
    expect(await reading).toBe("old");
    expect(await other.get("key")).toBe("new");
  });

  it.each(["deletes", "sets"])(
    "what was loaded before another process %s the key, and written after, does not stay",
    async (does) => {
      const { one, other, store } = await two();
      const set = store.set.bind(store);
      // in the moment between the look at the lock and the writing
      store.set = async (...args) => {
        if (args[0] !== "key") return set(...args);
        store.set = set;
        if (does === "deletes") await other.delete("key");
        else await other.set("key", "new");
        await set(...args);
      };
      expect(await one.getOrSet("key", () => "old")).toBe("old");
      const kept = async (): Promise<unknown[]> => [await one.get("key"), await other.get("key")];
      await until(async () => !(await kept()).includes("old"));
      await settle();
      expect(await kept()).not.toContain("old");
      expect(await other.getOrSet("key", () => "newest")).not.toBe("old");
    },
  );

  it("what another process sets after it was loaded and written stays", async () => {
    const { one, other, store } = await two();
    const set = store.set.bind(store);
    store.set = async (...args) => {
      if (args[0] !== "key") return set(...args);
      store.set = set;
      await set(...args);
      await other.set("key", "new");
    };
    await one.getOrSet("key", () => "old");
    await until(async () => (await one.get("key")) === "new");
    await settle();
    expect(await other.get("key")).toBe("new");
  });

  it("forgets everything when messages may have been missed", async () => {
    const { one, other, bus } = await two();
    await one.set("key", 1);
    expect(await other.get("key")).toBe(1);
    bus.cut();
    await one.set("key", 2);
    expect(await other.get("key")).toBe(1);
    const gaps: string[] = [];
    other.subscribe(({ type }) => gaps.push(type));
    bus.mend();
    expect(gaps).toEqual(["bus-gap"]);
    expect(await other.get("key")).toBe(2);
  });

  it("says later what it could not say at once", async () => {
    const { one, other, bus, clock } = await two();
    await one.set("key", 1);
    expect(await other.get("key")).toBe(1);
    const publish = bus.publish.bind(bus);
    bus.publish = () => Promise.reject(new Error("lost"));
    await one.delete("key");
    expect(one.stats().store?.missed).toBe(1);
    expect(await other.get("key")).toBe(1);
    bus.publish = publish;
    await clock.advance(1_000);
    expect(one.stats().store?.missed).toBe(0);
    expect(await other.get("key")).toBeUndefined();
  });

  it("memoryTtl bounds how long memory is believed", async () => {
    const clock = new ManualClock();
    const store = new MemoryCacheStore({}, { clock });
    const [one, other] = [0, 1].map(
      () => new CacheService({ store, memory: true, memoryTtl: "5s", ttl: "1m" }, { clock }),
    );
    caches.push(one!, other!);
    await one!.set("key", "old");
    expect(await other!.get("key")).toBe("old");
    await one!.set("key", "new");
    await clock.advance(4_999);
    expect(await other!.get("key")).toBe("old");
    await clock.advance(1);
    expect(await other!.get("key")).toBe("new");
  });

  it("is not there by default where nobody says what to forget; tagged values are never kept then", async () => {
    const store = new MemoryCacheStore();
    const [one, other] = [new CacheService({ store }), new CacheService({ store, memory: true })];
    caches.push(one, other);
    await one.set("key", 1);
    expect(one.stats().memory.entries).toBe(0);
    await other.set("tagged", 1, { tags: ["tag"] });
    await other.get("tagged");
    expect(other.stats().memory.entries).toBe(0);
    await one.invalidateTags(["tag"]);
    expect(await other.get("tagged")).toBeUndefined();
  });

  it("a token of a tag that the store has lost makes its values missing, and brings none back", async () => {
    const { one, store } = await two({ memory: false });
    await one.set("key", 1, { tags: ["tag"] });
    await store.delete(["@#t:tag"]);
    expect(await one.get("key")).toBeUndefined();
    await one.set("other", 1, { tags: ["tag"] });
    expect(await one.get("key")).toBeUndefined();
    expect(await one.get("other")).toBe(1);
  });

  it("a value whose tag is invalidated while it is loaded elsewhere is missing", async () => {
    const { one, other } = await two({ memory: false });
    let loaded!: (value: string) => void;
    const loading = one.getOrSet(
      "key",
      () => new Promise<string>((resolve) => (loaded = resolve)),
      {
        tags: ["tag"],
      },
    );
    await until(() => loaded !== undefined);
    await other.invalidateTags(["tag"]);
    loaded("of before");
    await loading;
    await settle();
    expect(await other.get("key")).toBeUndefined();
  });
});

describe("the memory's bounds", () => {
  it("memoryMaxEntries: the least recently used goes first, and is counted", async () => {
    const cache = new CacheService({ memoryMaxEntries: 2 });
    caches.push(cache);
    const evicted: unknown[] = [];
    cache.subscribe((event) => event.type === "evict" && evicted.push(event));
    const users = cache.namespace("users");
    await users.set("@a", 1);
    await cache.set("b", 1);
    await cache.set("c", 1);
    expect(evicted).toEqual([{ type: "evict", namespace: "users", key: "@a" }]);
    expect(cache.stats().memory).toMatchObject({ entries: 2, evictions: 1 });
  });

  it("memoryMaxBytes: what takes too much drops others, and is not kept when there is no room at all", async () => {
    const cache = new CacheService({ memoryMaxBytes: "10kb" });
    caches.push(cache);
    for (let at = 0; at < 10; at += 1) await cache.set(`${at}`, "x".repeat(1_000));
    expect(cache.stats().memory.entries).toBeLessThan(5);
    expect(cache.stats().memory.bytes).toBeLessThanOrEqual(10_240);
    await cache.set("whole", { text: "x".repeat(20_000) });
    expect(await cache.get("whole")).toBeUndefined();
    expect(await cache.get("9")).toBeDefined();
  });

  it("prune() drops what has expired", async () => {
    const clock = new ManualClock();
    const cache = new CacheService({ ttl: "1s", grace: "1s" }, { clock });
    caches.push(cache);
    await cache.set("a", 1);
    await cache.set("b", 1, { ttl: "1h" });
    await clock.advance(1_500);
    expect(await cache.prune()).toBe(0);
    await clock.advance(500);
    expect(await cache.prune()).toBe(1);
    expect(cache.stats().memory.entries).toBe(1);
  });
});
