import { Secret, tokens, type Cache } from "@infra/interfaces";
import { ManualClock, until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { MemoryCacheStore } from "../src/drivers/memory.js";
import { cacheConfig, CacheService, type CacheEvent, type CacheOptions } from "../src/index.js";

const caches: CacheService[] = [];
const open = (options: CacheOptions = {}): CacheService => {
  const cache = new CacheService(options, { clock: new ManualClock() });
  caches.push(cache);
  return cache;
};
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.stop();
});

describe("CacheService", () => {
  it("answers to tokens.cache, and takes its section as options", () => {
    expect(CacheService.provides).toBe(tokens.cache);
    expectTypeOf<CacheService>().toExtend<Cache>();
    expectTypeOf(cacheConfig.defaults()).toExtend<CacheOptions>();
    expect(() => open(cacheConfig.defaults())).not.toThrow();
  });

  it.each([
    [
      { url: "http://host" },
      'url must begin with memory:, redis://, postgres:// or database:, got the scheme "http:"',
    ],
    [{ url: "constructor:x" }, 'got the scheme "constructor:"'],
    [
      { url: "nothing" },
      "url must begin with memory:, redis://, postgres:// or database:, got no URL",
    ],
    [{ url: "redis:host" }, 'url must read "redis://host", got "redis:" without the slashes'],
    [
      { url: "database:" },
      'the url "database:" needs a Database: bind one, or pass { database } as a collaborator',
    ],
    [{ prefix: "a:b" }, 'prefix must be 1 to 64 letters, digits, ".", "_" and "-", got "a:b"'],
    [{ ttl: -1 }, /^ttl must be milliseconds/],
    [{ jitter: 2 }, "jitter must be a number from 0 to 1, got 2"],
    [{ refreshAhead: -1 }, "refreshAhead must be a number from 0 to 1, got -1"],
    [{ hardTimeout: 0 }, "hardTimeout must be above 0, got 0"],
    [{ memoryMaxEntries: 0.5 }, "memoryMaxEntries must be a whole number above 0, got 0.5"],
    [{ storeFailure: "ignore" as "miss" }, 'storeFailure must be "miss" or "throw", got "ignore"'],
  ] satisfies [CacheOptions, string | RegExp][])("refuses %j", (options, message) => {
    expect(() => open(options)).toThrow(RangeError);
    expect(() => open(options)).toThrow(message);
  });

  it("never quotes the password of a URL", () => {
    const url = new Secret("ftp://user:hunter2@host");
    expect(() => open({ url })).toThrow(/^(?!.*hunter2)/);
  });

  it("url comes before redisUrl, which is the default", async () => {
    const cache = open({ url: "memory:", redisUrl: "redis://127.0.0.1:1" });
    expect(cache.stats().store).toBeUndefined();
    expect(open({ redisUrl: "redis://127.0.0.1:1" }).stats().store).toBeDefined();
  });

  it("stop() ends it: what is asked then is refused, a second stop() does nothing", async () => {
    const cache = open();
    await cache.set("key", 1);
    await cache.stop();
    await cache.stop();
    for (const call of [
      () => cache.get("key"),
      () => cache.set("key", 1),
      () => cache.getOrSet("key", () => 1),
      () => cache.delete("key"),
      () => cache.start(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "ERR_CACHE_STOPPED" });
    }
    expect(await cache.health()).toMatchObject({ status: "down" });
  });

  it("stop() waits for what is being loaded, until its signal aborts", async () => {
    const store = new MemoryCacheStore();
    const cache = open({ store });
    let finish!: (value: string) => void;
    const loading = cache.getOrSet("key", () => new Promise<string>((done) => (finish = done)));
    await until(() => finish !== undefined);
    const stopped = cache.stop();
    finish("value");
    await stopped;
    expect(await loading).toBe("value");
    expect(await store.get("key")).toContain("value");

    const other = open();
    const controller = new AbortController();
    let given: AbortSignal | undefined;
    const never = other.getOrSet("key", ({ signal }) => {
      given = signal;
      return new Promise<never>(() => {});
    });
    never.catch(() => {});
    await until(() => given);
    const stopping = other.stop({ signal: controller.signal });
    controller.abort(new Error("time is over"));
    await stopping;
    await expect(never).rejects.toThrow("time is over");
    expect(given!.aborted).toBe(true);
  });

  it("does not close a store that it was given", async () => {
    let closed = false;
    const store = Object.assign(new MemoryCacheStore(), {
      close: async () => void (closed = true),
    });
    await using cache = open({ store });
    await cache.start();
    await cache.stop();
    expect(closed).toBe(false);
  });

  it("health() is up, and says how many values there are", async () => {
    const cache = open();
    await cache.set("key", 1);
    expect(await cache.health()).toEqual({ status: "up", details: { entries: 1 } });
  });

  it("a URL of Redis works without a container, and says what to do where its package is missing", async () => {
    // the address answers nobody: the cache goes on without
    const cache = new CacheService({ url: "redis://127.0.0.1:1" });
    caches.push(cache);
    expect(await cache.getOrSet("key", () => "loaded")).toBe("loaded");
    expect(await cache.get("key")).toBe("loaded");
    expect((await cache.health()).status).toBe("degraded");
  });
});

describe("keys", () => {
  it.each([
    ["", RangeError, "key must be 1 to 512 characters, got 0"],
    ["x".repeat(513), RangeError, "key must be 1 to 512 characters, got 513"],
    [7 as unknown as string, TypeError, "key must be a string, got number"],
    ["a\0b", RangeError, 'key must be without NUL and halves of characters, got "a\\u0000b"'],
    ["\ud800", RangeError, 'key must be without NUL and halves of characters, got "\\ud800"'],
  ])("%j is refused", async (key, type, message) => {
    const cache = open({ store: new MemoryCacheStore() });
    const calls = [
      () => cache.get(key),
      () => cache.set(key, 1),
      () => cache.delete(key),
      () => cache.has(key),
      () => cache.getMany([key]),
      () => cache.setMany([[key, 1]]),
      () => cache.getOrSet(key, () => 1),
      () => cache.peek(key),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toThrow(type);
      await expect(call()).rejects.toThrow(message);
    }
    // a key that can't be says nothing against the store
    expect(cache.stats().store).toMatchObject({ state: "closed", errors: 0 });
  });

  it("namespaces and tags that can't be are refused", async () => {
    const cache = open();
    expect(() => cache.namespace("")).toThrow(RangeError);
    expect(() => cache.namespace("x".repeat(300))).toThrow(RangeError);
    expect(() => cache.namespace(1 as unknown as string)).toThrow(TypeError);
    await expect(cache.set("key", 1, { tags: [""] })).rejects.toThrow(RangeError);
    await expect(cache.set("key", 1, { tags: "tag" as unknown as string[] })).rejects.toThrow(
      TypeError,
    );
    await expect(cache.invalidateTags([1 as unknown as string])).rejects.toThrow(TypeError);
  });

  it("no name of a namespace reaches into another", async () => {
    const cache = open();
    const names = ["a", "@a:", "a:", "%40a%3A", "a/b", "@#t", "🙂"];
    for (const name of names) await cache.namespace(name).set("key", name);
    await cache.set("@a:key", "outside");
    for (const name of names) expect(await cache.namespace(name).get("key")).toBe(name);
    expect(await cache.namespace("a").namespace("b").has("key")).toBe(false);
    expect(await cache.get("@a:key")).toBe("outside");
  });
});

describe("stats() and events", () => {
  it("count by tier and by namespace", async () => {
    const cache = open({ store: new MemoryCacheStore(), memory: true });
    const users = cache.namespace("users").namespace("admins");
    await users.set("a", 1);
    await users.get("a");
    await users.get("x");
    await users.delete("a");
    await cache.getOrSet("b", () => 1);
    await cache.getOrSet("b", () => 1);
    await cache.getOrSet("c", () => Promise.reject(new Error("no"))).catch(() => {});
    expect(cache.stats().namespaces).toEqual({
      "": {
        memoryHits: 1,
        storeHits: 0,
        staleHits: 0,
        misses: 2,
        sets: 0,
        deletes: 0,
        loads: 2,
        failedLoads: 1,
      },
      users: expect.objectContaining({ memoryHits: 0 }),
      "users/admins": expect.objectContaining({ memoryHits: 1, misses: 1, sets: 1, deletes: 1 }),
    });
    expect(cache.stats()).toMatchObject({ memoryHits: 2, misses: 3, loads: 2 });
  });

  it("beyond 1,000 namespaces the rest is counted together", async () => {
    const cache = open();
    for (let at = 0; at < 1_010; at += 1) await cache.namespace(`tenant ${at}`).set("key", 1);
    const names = Object.keys(cache.stats().namespaces);
    expect(names).toHaveLength(1_001);
    expect(cache.stats().namespaces["*"]!.sets).toBe(11);
    expect(cache.stats().sets).toBe(1_010);
  });

  it("are told in their order, with namespace and key", async () => {
    const cache = open();
    const seen: CacheEvent[] = [];
    const leave = cache.subscribe((event) => seen.push(event));
    const users = cache.namespace("users");
    await users.set("@a", 1);
    await users.get("@a");
    await users.get("b");
    await users.delete("@a");
    await users.clear();
    await cache.invalidateTags(["t"]);
    leave();
    await users.get("b");
    expect(seen).toEqual([
      { type: "set", namespace: "users", key: "@a" },
      { type: "hit", namespace: "users", key: "@a", tier: "memory" },
      { type: "miss", namespace: "users", key: "b" },
      { type: "delete", namespace: "users", key: "@a" },
      { type: "clear", namespace: "users" },
      { type: "invalidate-tags", tags: ["t"] },
    ]);
  });

  it("a listener that throws changes nothing", async () => {
    const cache = open();
    cache.subscribe(() => {
      throw new Error("listener");
    });
    await cache.set("key", 1);
    expect(await cache.get("key")).toBe(1);
  });
});
