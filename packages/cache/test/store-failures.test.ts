import type { Logger } from "@infra/interfaces";
import { ManualClock, MemoryInvalidationBus, settle } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { MemoryCacheStore } from "../src/drivers/memory.js";
import { CacheService, type CacheEvent, type CacheOptions } from "../src/index.js";

/** A store that can be made to fail or to hang, and that does later what it was asked while it hung. */
class FaultyStore extends MemoryCacheStore {
  mode: "works" | "fails" | "hangs" = "works";
  calls = 0;
  readonly #late: (() => void)[] = [];

  thaw(): void {
    this.mode = "works";
    for (const late of this.#late.splice(0)) late();
  }

  async hinder<T>(work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.mode === "fails") throw new Error("ECONNREFUSED");
    if (this.mode === "hangs") await new Promise<void>((resolve) => this.#late.push(resolve));
    return work();
  }
}
for (const name of ["get", "getMany", "set", "setMany", "add", "delete", "clear"] as const) {
  const method = MemoryCacheStore.prototype[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(FaultyStore.prototype, {
    [name](this: FaultyStore, ...args: unknown[]) {
      return this.hinder(() => method.apply(this, args));
    },
  });
}

const caches: CacheService[] = [];
afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.stop({ signal: AbortSignal.abort() });
});

function open(options: CacheOptions = {}): {
  cache: CacheService;
  store: FaultyStore;
  clock: ManualClock;
  events: CacheEvent[];
  lines: string[];
} {
  const clock = new ManualClock();
  const store = new FaultyStore({}, { clock });
  const lines: string[] = [];
  const log = (message: string): void => void lines.push(message);
  const logger = { debug() {}, info: log, warn: log, error: log } as unknown as Logger;
  Object.assign(logger, { child: () => logger });
  const bus = new MemoryInvalidationBus();
  const cache = new CacheService({ store, memory: false, ...options }, { clock, bus, logger });
  caches.push(cache);
  const events: CacheEvent[] = [];
  cache.subscribe((event) => events.push(event));
  return { cache, store, clock, events, lines };
}

/** Settles calls that a store which hangs has, by moving on over their time-out. */
async function over<T>(clock: ManualClock, work: Promise<T>, byMs = 200): Promise<T> {
  await settle();
  await clock.advance(byMs);
  await settle();
  return work;
}

describe.each(["fails", "hangs"] as const)("a store that %s", (mode) => {
  it("is a miss to reads, and no error to writes", async () => {
    const { cache, store, clock, events } = open();
    await cache.set("key", "old");
    store.mode = mode;
    expect(await over(clock, cache.get("key"))).toBeUndefined();
    expect(await over(clock, cache.getMany(["key"]))).toEqual(new Map());
    expect(await over(clock, cache.has("key"))).toBe(false);
    expect(
      await over(
        clock,
        cache.getOrSet("key", () => "loaded"),
        1_000,
      ),
    ).toBe("loaded");
    await over(clock, cache.set("key", "new"), 400);
    expect(await over(clock, cache.delete("key"))).toBe(false);
    await over(clock, cache.invalidateTags(["tag"]));
    await over(clock, cache.clear(), 11_000);
    expect(events.some(({ type }) => type === "store-error")).toBe(true);
  });

  it("is an error where storeFailure says so, in every call", async () => {
    const { cache, store, clock } = open({ storeFailure: "throw" });
    await cache.start();
    store.mode = mode;
    const calls = [
      () => cache.get("key"),
      () => cache.getMany(["key"]),
      () => cache.has("key"),
      () => cache.set("key", 1),
      () => cache.delete("key"),
      () => cache.invalidateTags(["tag"]),
      () => cache.getOrSet("key", () => 1),
    ];
    for (const call of calls) {
      const outcome: Promise<unknown> = call();
      outcome.catch(() => {});
      await over(clock, Promise.resolve());
      await expect(outcome).rejects.toMatchObject({ code: "ERR_CACHE_STORE", status: 503 });
    }
  });

  it("is left alone after five failures, and tried again half a second later", async () => {
    const { cache, store, clock, events, lines } = open();
    await cache.start();
    store.mode = mode;
    for (let at = 0; at < 10; at += 1) await over(clock, cache.get("key"), 0 + (at < 5 ? 200 : 0));
    expect(store.calls).toBe(5);
    expect(cache.stats().store).toMatchObject({ state: "open", errors: 10 });
    expect(lines).toEqual(["the cache store does not answer"]);
    store.thaw();
    await clock.advance(500);
    await cache.get("key");
    expect(cache.stats().store).toMatchObject({ state: "closed" });
    const states = events.flatMap((event) => (event.type === "store-state" ? [event.state] : []));
    expect(states).toEqual(["open", "half-open", "closed"]);
    expect(lines.at(-1)).toBe("the cache store answers again");
  });

  it("brings no value of before back: what was set meanwhile", async () => {
    const { cache, store, clock } = open({ memory: true });
    await cache.set("key", "old");
    store.mode = mode;
    await over(clock, cache.set("key", "new"), 400);
    expect(await cache.get("key")).toBe("new");
    store.thaw();
    await settle();
    await clock.advance(1_000);
    expect(cache.stats().store).toMatchObject({ missed: 0 });
    expect(await store.get("key")).toBeUndefined();
    expect(await cache.get("key")).toBe("new");
  });

  it("brings no value of before back: what was deleted, tagged or cleared meanwhile, at once and after", async () => {
    const { cache, store, clock } = open();
    const users = cache.namespace("users");
    await cache.set("deleted", "old");
    await cache.set("tagged", "old", { tags: ["tag"] });
    await users.set("cleared", "old");
    await cache.set("stays", "old");
    store.mode = mode;
    await over(clock, cache.delete("deleted"), 400);
    await over(clock, cache.invalidateTags(["tag"]), 400);
    await over(clock, users.clear(), 11_000);
    store.thaw();
    // before anybody has told the store
    expect(await cache.get("deleted")).toBeUndefined();
    expect(await cache.get("tagged")).toBeUndefined();
    expect(await users.get("cleared")).toBeUndefined();
    await settle();
    await clock.advance(2_000);
    expect(cache.stats().store).toMatchObject({ missed: 0, state: "closed" });
    expect(await cache.get("deleted")).toBeUndefined();
    expect(await cache.get("tagged")).toBeUndefined();
    expect(await users.get("cleared")).toBeUndefined();
    expect(await cache.get("stays")).toBe("old");
  });

  it("brings no value of before back: what was loaded meanwhile", async () => {
    const { cache, store, clock } = open({ memory: true, ttl: "1h" });
    await store.set("key", '1j0,,,\n"old"');
    await cache.start();
    store.mode = mode;
    expect(
      await over(
        clock,
        cache.getOrSet("key", () => "loaded"),
        1_000,
      ),
    ).toBe("loaded");
    store.thaw();
    await settle();
    await clock.advance(1_000);
    expect(await store.get("key")).toBeUndefined();
    // nor does a lock stand in the way that nobody knew was taken
    expect(await store.get("@#l:key")).toBeUndefined();
    expect(await cache.get("key")).toBe("loaded");
  });

  it("stop() tells it what it missed, if it answers by then", async () => {
    const { cache, store, clock } = open();
    await cache.set("key", "old");
    store.mode = mode;
    await over(clock, cache.delete("key"), 400);
    store.thaw();
    await store.set("key", "old");
    await cache.stop();
    expect(await store.get("key")).toBeUndefined();
  });

  it("a stale value is served when the loader fails with it", async () => {
    const { cache, store, clock } = open({ memory: true, ttl: "1s", grace: "1h" });
    await cache.set("key", "old");
    await clock.advance(1_000);
    store.mode = mode;
    const got = cache.getOrSet("key", () => Promise.reject(new Error("down, too")));
    expect(await over(clock, got, 1_000)).toBe("old");
  });

  it("more than 10,000 writes that it missed: all of it is forgotten when it is back", async () => {
    const { cache, store, clock } = open();
    await cache.set("early", "old");
    await cache.set("late", "old");
    store.mode = mode;
    const entries = Array.from({ length: 10_001 }, (_, at) => [`k${at}`, at] as const);
    await over(clock, cache.setMany(entries), 400);
    expect(cache.stats().store?.missed).toBe(1);
    store.thaw();
    expect(await cache.get("early")).toBeUndefined();
    await settle();
    await clock.advance(1_000);
    expect(cache.stats().store?.missed).toBe(0);
    expect(await store.get("late")).toBeUndefined();
  });
});

const shut = (): FaultyStore =>
  Object.assign(new FaultyStore(), { open: () => Promise.reject(new Error("no such host")) });

describe("a store that can't be opened", () => {
  it("start() goes on without it, says so, and health() is degraded", async () => {
    const store = shut();
    store.mode = "fails";
    const cache = new CacheService({ store });
    caches.push(cache);
    await cache.start();
    expect(await cache.health()).toMatchObject({ status: "degraded" });
    expect(await cache.getOrSet("key", () => 1)).toBe(1);
  });

  it("start() rejects where storeFailure says so, and may be called again", async () => {
    const store = shut();
    const cache = new CacheService({ store, storeFailure: "throw" });
    caches.push(cache);
    await expect(cache.start()).rejects.toMatchObject({ code: "ERR_CACHE_STORE" });
    expect(await cache.health()).toMatchObject({ status: "up" });
    Object.assign(store, { open: () => Promise.resolve() });
    await cache.start();
    await cache.set("key", 1);
    expect(await cache.get("key")).toBe(1);
  });
});

describe("what stands in the store and is none of ours", () => {
  it("is missing, and is written over", async () => {
    const { cache, store } = open();
    for (const text of [
      "",
      "x",
      "1j\n",
      "2j0,,,\n1",
      "1j0,,,\n{",
      '1r0,,,\n{"$":["Nothing"]}',
      "1J0,,,\nnot packed",
      "1jx,,,\n1",
      "1j0,,,{\n1",
    ]) {
      await store.set("key", text);
      expect(await cache.get("key")).toBeUndefined();
      expect(await cache.getMany(["key"])).toEqual(new Map());
      expect(await cache.getOrSet("key", () => "loaded")).toBe("loaded");
      expect(await cache.get("key")).toBe("loaded");
    }
  });

  it("what was compressed is bounded when it is read, too", async () => {
    const { cache, store } = open({ maxValueBytes: "1mb" });
    const large = open({ maxValueBytes: "1gb" });
    await large.cache.set("key", "x".repeat(20_000_000));
    await store.set("key", (await large.store.get("key"))!);
    expect(await cache.get("key")).toBeUndefined();
  });
});
