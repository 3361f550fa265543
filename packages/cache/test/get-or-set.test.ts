import { ManualClock, settle, until } from "@infra/testing";
import { afterEach, describe, expect, it, jest } from "@jest/globals";

import { MemoryCacheStore } from "../src/drivers/memory.js";
import { CacheService, type CacheEvent, type CacheOptions } from "../src/index.js";

const caches: CacheService[] = [];
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.stop({ signal: AbortSignal.abort() });
});

function open(
  options: CacheOptions = {},
  clock = new ManualClock(),
): { cache: CacheService; clock: ManualClock; events: CacheEvent[] } {
  const cache = new CacheService(options, { clock, random: () => 1 });
  caches.push(cache);
  const events: CacheEvent[] = [];
  cache.subscribe((event) => events.push(event));
  return { cache, clock, events };
}

/** A loader that is settled from outside. */
function controlled<T>(): {
  load: (context: { signal: AbortSignal }) => Promise<T>;
  calls: { resolve: (value: T) => void; reject: (error: unknown) => void; signal: AbortSignal }[];
} {
  const calls: ReturnType<typeof controlled<T>>["calls"] = [];
  return {
    calls,
    load: ({ signal }) =>
      new Promise<T>((resolve, reject) => void calls.push({ resolve, reject, signal })),
  };
}

const down = (): never => {
  throw new Error("the source is down");
};

// each behaviour in memory alone, and with a store that processes share
describe.each([
  ["in memory", (): CacheOptions => ({})],
  ["in a shared store", (): CacheOptions => ({ store: new MemoryCacheStore() })],
  [
    "in a shared store without locks",
    (): CacheOptions => ({ store: new MemoryCacheStore(), lock: false }),
  ],
])("getOrSet() %s", (_name, base) => {
  it("10,000 who miss at the same time: one call of the loader", async () => {
    const { cache } = open(base());
    const { load, calls } = controlled<string>();
    const all = Promise.all(Array.from({ length: 10_000 }, () => cache.getOrSet("key", load)));
    await until(() => calls.length > 0);
    await settle();
    calls[0]!.resolve("value");
    expect(new Set(await all)).toEqual(new Set(["value"]));
    expect(calls).toHaveLength(1);
    expect(cache.stats()).toMatchObject({ loads: 1, failedLoads: 0 });
  });

  it("a failure reaches all who wait, and is not kept", async () => {
    const { cache } = open(base());
    const outcomes = await Promise.allSettled([
      cache.getOrSet("key", down),
      cache.getOrSet("key", down),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await cache.getOrSet("key", () => "better")).toBe("better");
  });

  it("the loader's signal is aborted when the last one who waits leaves", async () => {
    const { cache } = open(base());
    const { load, calls } = controlled<string>();
    const [one, other] = [new AbortController(), new AbortController()];
    const first = cache.getOrSet("key", load, { signal: one.signal });
    const second = cache.getOrSet("key", load, { signal: other.signal });
    first.catch(() => {});
    second.catch(() => {});
    await until(() => calls.length > 0);
    one.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    expect(calls[0]!.signal.aborted).toBe(false);
    other.abort(new Error("left, too"));
    await expect(second).rejects.toThrow("left, too");
    expect(calls[0]!.signal.aborted).toBe(true);
  });

  it("hardTimeout ends the wait, aborts the loader, and says so", async () => {
    const { cache, clock } = open({ ...base(), hardTimeout: "2s" });
    const { load, calls } = controlled<string>();
    const outcome = cache.getOrSet("key", load);
    outcome.catch(() => {});
    await until(() => calls.length > 0);
    await clock.advance(1_999);
    expect(calls[0]!.signal.aborted).toBe(false);
    await clock.advance(1);
    await expect(outcome).rejects.toMatchObject({
      code: "ERR_CACHE_LOADER_TIMEOUT",
      details: { key: "key", timeoutMs: 2_000 },
    });
    expect(calls[0]!.signal.aborted).toBe(true);
  });

  it("grace: a stale value is served when the loader fails, but not after its grace", async () => {
    const { cache, clock, events } = open({ ...base(), ttl: "10s", grace: "1m", graceBackoff: 0 });
    await cache.getOrSet("key", () => "old");
    await clock.advance(10_000);
    expect(await cache.get("key")).toBeUndefined();
    expect(await cache.getOrSet("key", down)).toBe("old");
    expect(events.at(-1)).toMatchObject({ type: "stale", reason: "load-failed", key: "key" });
    expect(cache.stats()).toMatchObject({ staleHits: 1, failedLoads: 1 });
    await clock.advance(60_000);
    await expect(cache.getOrSet("key", down)).rejects.toThrow("the source is down");
  });

  it("grace: a loader that failed rests, longer each time, and is called again after", async () => {
    const { cache, clock } = open({ ...base(), ttl: "1s", grace: "1h", graceBackoff: "1s" });
    const load = jest.fn(down);
    await cache.getOrSet("key", () => "old");
    await clock.advance(1_000);
    const seen: number[] = [];
    for (let second = 0; second < 8; second += 1) {
      expect(await cache.getOrSet("key", load)).toBe("old");
      seen.push(load.mock.calls.length);
      await clock.advance(1_000);
    }
    // at 0, 1, 3 and 7 s
    expect(seen).toEqual([1, 2, 2, 3, 3, 3, 3, 4]);
    await clock.advance(60_000);
    expect(await cache.getOrSet("key", () => "new")).toBe("new");
  });

  it("softTimeout: the stale value after a while, the new one when it is there", async () => {
    const { cache, clock, events } = open({
      ...base(),
      ttl: "1s",
      grace: "1m",
      softTimeout: "100ms",
    });
    await cache.set("key", "old");
    await clock.advance(1_000);
    const { load, calls } = controlled<string>();
    const waiting = cache.getOrSet("key", load);
    await until(() => calls.length > 0);
    await clock.advance(100);
    expect(await waiting).toBe("old");
    expect(events.at(-1)).toMatchObject({ type: "stale", reason: "soft-timeout" });
    expect(calls[0]!.signal.aborted).toBe(false);
    calls[0]!.resolve("new");
    await until(async () => (await cache.get("key")) === "new");
    expect(calls).toHaveLength(1);
  });

  it("softTimeout: without anything stale, the loader is waited for", async () => {
    const { cache, clock } = open({ ...base(), softTimeout: "100ms" });
    const { load, calls } = controlled<string>();
    const waiting = cache.getOrSet("key", load);
    await until(() => calls.length > 0);
    await clock.advance(5_000);
    calls[0]!.resolve("value");
    expect(await waiting).toBe("value");
  });

  it("refreshAhead: loads in the background once that part of the time is over", async () => {
    const { cache, clock } = open({ ...base(), ttl: "10s", refreshAhead: 0.8 });
    const load = jest.fn(() => "new");
    await cache.getOrSet("key", () => "old");
    await clock.advance(7_999);
    expect(await cache.getOrSet("key", load)).toBe("old");
    await settle();
    expect(load).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(await cache.getOrSet("key", load)).toBe("old");
    await until(async () => (await cache.get("key")) === "new");
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(7_000);
    expect(await cache.getOrSet("key", load)).toBe("new");
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("refreshAhead: a failure in the background is told and disturbs nobody", async () => {
    const { cache, clock, events } = open({ ...base(), ttl: "10s" });
    await cache.getOrSet("key", () => "old");
    await clock.advance(9_000);
    expect(await cache.getOrSet("key", down, { refreshAhead: 0.5 })).toBe("old");
    await until(() => events.some(({ type }) => type === "load-failed"));
    expect(await cache.getOrSet("key", down)).toBe("old");
  });

  it("negativeTtl: how long undefined and null are fresh; 0 keeps them not at all", async () => {
    const { cache, clock } = open({ ...base(), ttl: "1m", negativeTtl: "5s" });
    const load = jest.fn((): string | null => null);
    await cache.getOrSet("key", load);
    await clock.advance(4_999);
    expect(await cache.getOrSet("key", load)).toBeNull();
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await cache.getOrSet("key", load);
    expect(load).toHaveBeenCalledTimes(2);
    await cache.getOrSet("other", () => undefined, { negativeTtl: 0 });
    expect(await cache.has("other")).toBe(false);
    await cache.getOrSet("other", () => "found", { negativeTtl: 0 });
    await clock.advance(10_000);
    expect(await cache.get("other")).toBe("found");
  });

  it("jitter shortens a value's time by up to its part", async () => {
    const clock = new ManualClock();
    const random = jest.fn<() => number>().mockReturnValueOnce(0).mockReturnValueOnce(0.5);
    const cache = new CacheService({ ...base(), ttl: "100s", jitter: 0.2 }, { clock, random });
    caches.push(cache);
    await cache.set("full", 1);
    await cache.set("shorter", 1);
    await clock.advance(89_999);
    expect(await cache.has("shorter")).toBe(true);
    await clock.advance(1);
    expect([await cache.has("full"), await cache.has("shorter")]).toEqual([true, false]);
  });

  it("what is set, deleted or invalidated while it is loaded is not written over", async () => {
    const { cache } = open(base());
    const undo = [
      () => cache.set("key", "set"),
      () => cache.delete("key"),
      () => cache.clear(),
      () => cache.invalidateTags(["tag"]),
    ];
    for (const [at, meanwhile] of undo.entries()) {
      const { load, calls } = controlled<string>();
      const waiting = cache.getOrSet("key", load, { tags: ["tag"] });
      await until(() => calls.length > 0);
      await meanwhile();
      calls[0]!.resolve("loaded before");
      expect(await waiting).toBe("loaded before");
      await settle();
      expect(await cache.get("key")).toBe(at === 0 ? "set" : undefined);
      await cache.clear();
    }
  });

  it("a loader that gives what can't be kept rejects, before anybody has seen it", async () => {
    const { cache } = open(base());
    await expect(cache.getOrSet("key", () => () => {})).rejects.toMatchObject({
      code: "ERR_CACHE_UNSUPPORTED_VALUE",
    });
  });

  it("a loader that throws at once rejects as one that rejects", async () => {
    const { cache } = open(base());
    await expect(cache.getOrSet("key", down)).rejects.toThrow("the source is down");
  });

  it("leaves nothing to wait for", async () => {
    const { cache, clock } = open(base());
    const before = clock.pending;
    await cache.getOrSet("key", () => "value");
    await cache.getOrSet("key2", down).catch(() => {});
    await settle();
    await clock.advance(1_000);
    expect(clock.pending).toBe(before);
  });
});

/** Two services as of two processes, with a store between them. */
function two(options: CacheOptions = {}): [CacheService, CacheService, ManualClock] {
  const clock = new ManualClock();
  const store = new MemoryCacheStore({}, { clock });
  return [
    open({ store, ...options }, clock).cache,
    open({ store, ...options }, clock).cache,
    clock,
  ];
}

describe("getOrSet() of two processes that share a store", () => {
  it("while one loads, the other waits, and takes over what it gives", async () => {
    const [one, other, clock] = two();
    const { load, calls } = controlled<string>();
    const first = one.getOrSet("key", load);
    await until(() => calls.length > 0);
    const second = other.getOrSet("key", load);
    await clock.advance(500);
    calls[0]!.resolve("value");
    expect(await first).toBe("value");
    await clock.advance(200);
    expect(await second).toBe("value");
    expect(calls).toHaveLength(1);
  });

  it("while one loads, the other serves what is stale", async () => {
    const [one, other, clock] = two({ ttl: "1s", grace: "1m" });
    await one.set("key", "old");
    await clock.advance(1_000);
    const { load, calls } = controlled<string>();
    const first = one.getOrSet("key", load);
    await until(() => calls.length > 0);
    expect(await other.getOrSet("key", load)).toBe("old");
    calls[0]!.resolve("new");
    expect(await first).toBe("new");
    expect(calls).toHaveLength(1);
  });

  it("when one fails, the other loads in its turn", async () => {
    const [one, other, clock] = two();
    const { load, calls } = controlled<string>();
    const first = one.getOrSet("key", load);
    await until(() => calls.length > 0);
    const second = other.getOrSet("key", load);
    await clock.advance(50);
    calls[0]!.reject(new Error("failed"));
    await expect(first).rejects.toThrow("failed");
    await clock.advance(200);
    await until(() => calls.length > 1);
    calls[1]!.resolve("value");
    expect(await second).toBe("value");
  });

  it("a loader that takes long keeps its lock; one that died loses it within 5 s", async () => {
    const clock = new ManualClock();
    const store = new MemoryCacheStore({}, { clock });
    const one = open({ store }, clock).cache;
    const { load, calls } = controlled<string>();
    const first = one.getOrSet("key", load);
    await until(() => calls.length > 0);
    const other = open({ store }, clock).cache;
    const second = other.getOrSet("key", load);
    await clock.advance(20_000);
    expect(calls).toHaveLength(1);
    calls[0]!.resolve("value");
    expect(await first).toBe("value");
    await clock.advance(200);
    expect(await second).toBe("value");

    await store.add("@#l:dead", "of a process that is gone", { ttlMs: 5_000 });
    const third = other.getOrSet("dead", () => "alive");
    await clock.advance(5_300);
    expect(await third).toBe("alive");
  });

  it("one who waits for another is bound by hardTimeout, too", async () => {
    const [one, other, clock] = two({ hardTimeout: "3s" });
    const { load, calls } = controlled<string>();
    const first = one.getOrSet("key", load, { hardTimeout: "10s" });
    first.catch(() => {});
    await until(() => calls.length > 0);
    const second = other.getOrSet("key", load);
    second.catch(() => {});
    await settle();
    await clock.advance(3_100);
    await expect(second).rejects.toMatchObject({ code: "ERR_CACHE_LOADER_TIMEOUT" });
    calls[0]!.resolve("value");
    await first;
  });

  it("a value that is set by one while the other loads is not written over", async () => {
    const [one, other] = two();
    const { load, calls } = controlled<string>();
    const loading = one.getOrSet("key", load);
    await until(() => calls.length > 0);
    await other.set("key", "set by the other");
    calls[0]!.resolve("loaded before");
    expect(await loading).toBe("loaded before");
    await settle();
    expect(await other.get("key")).toBe("set by the other");
  });

  it("a value whose namespace is cleared by one while the other loads is not kept", async () => {
    const [one, other] = two();
    const { load, calls } = controlled<string>();
    const loading = one.namespace("users").getOrSet("key", load);
    await until(() => calls.length > 0);
    await other.namespace("users").clear();
    calls[0]!.resolve("loaded before");
    expect(await loading).toBe("loaded before");
    await settle();
    expect(await other.namespace("users").get("key")).toBeUndefined();
  });

  it("lock: false lets each load for itself", async () => {
    const [one, other] = two({ lock: false });
    const { load, calls } = controlled<string>();
    const both = Promise.all([one.getOrSet("key", load), other.getOrSet("key", load)]);
    await until(() => calls.length === 2);
    for (const [at, { resolve }] of calls.entries()) resolve(`${at}`);
    expect((await both).toSorted()).toEqual(["0", "1"]);
  });
});
