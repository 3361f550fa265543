// 500 reads a second through two caches that share a Redis, and 20 writes a second, while the Redis is away for some
// seconds: what the readers saw of it.
import { setTimeout as sleep } from "node:timers/promises";

import { CacheService } from "@infra/cache";

const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);
const readsPerSecond = 500;
const writeEvery = 25;
const beforeMs = 3_000;
const healMs = 2_000;
const afterMs = 2_000;

/** `leave()` makes the Redis at `url` go away, and resolves to what brings it back. */
export async function outage({ url, forMs, leave }) {
  const source = new Map(keys.map((key) => [key, { version: 1 }]));
  /** The version of the last write that was acknowledged, and the cache it went through. */
  const written = new Map(keys.map((key) => [key, { version: 1, by: undefined }]));
  // most of the keys are only in Redis
  const options = { url, prefix: "faults", ttl: "10s", memoryMaxEntries: 50 };
  const caches = [new CacheService(options), new CacheService(options)];
  const reads = [];
  const run = { over: false };
  try {
    for (const cache of caches) await cache.start();
    const load = (key) => async () => {
      await sleep(2);
      return { ...source.get(key) };
    };
    const read = async (number) => {
      const key = keys[(number * 7) % keys.length];
      const cache = caches[number % caches.length];
      const { version, by } = written.get(key);
      const record = { atMs: performance.now(), own: by === cache };
      reads.push(record);
      try {
        const got = await cache.getOrSet(key, load(key));
        record.older = got.version < version;
      } catch (error) {
        record.error = error.message;
      }
      record.tookMs = performance.now() - record.atMs;
    };
    const write = async (number) => {
      const key = keys[(number * 11) % keys.length];
      const cache = caches[(number / writeEvery) % caches.length];
      const { version } = source.get(key);
      source.set(key, { version: version + 1 });
      await cache.set(key, { version: version + 1 });
      written.set(key, { version: version + 1, by: cache });
    };
    const generator = (async () => {
      const startedMs = performance.now();
      const pending = [];
      for (let number = 0; !run.over; number += 1) {
        const dueMs = startedMs + (1000 * number) / readsPerSecond;
        while (performance.now() < dueMs) await sleep(1);
        pending.push(read(number));
        if (number % writeEvery === 0) pending.push(write(number));
      }
      // what still hangs after ten seconds, hangs
      await Promise.race([Promise.all(pending), sleep(10_000)]);
    })();

    await sleep(beforeMs);
    const hitsBefore = await hitRate(caches, 1_000);
    const goneMs = performance.now();
    const comeBack = await leave();
    await sleep(forMs);
    await comeBack();
    const backMs = performance.now();
    const healedMs = await healed(caches, backMs + 10_000);
    await sleep(Math.max(0, backMs + healMs - performance.now()));
    const hitsAfter = await hitRate(caches, afterMs);
    run.over = true;
    await generator;
    const during = reads.filter(({ atMs }) => atMs >= goneMs && atMs < backMs + healMs);
    const took = during.map(({ tookMs }) => tookMs ?? Infinity).toSorted((a, b) => a - b);
    const seen = {
      reads: reads.length,
      errors: reads.filter(({ error }) => error !== undefined).length,
      hung: reads.filter(({ tookMs }) => tookMs === undefined).length,
      p99Ms: Math.round(took[Math.floor(took.length * 0.99)]),
      // one's own writes at any time, everybody's once it has healed
      older: reads.filter(({ atMs, own, older }) => older && (own || atMs > backMs + healMs))
        .length,
      healedMs: Math.round(healedMs - backMs),
      hitsBefore,
      hitsAfter,
    };
    const ok =
      seen.errors === 0 &&
      seen.hung === 0 &&
      seen.p99Ms < 250 &&
      seen.older === 0 &&
      seen.healedMs < healMs &&
      seen.hitsAfter > seen.hitsBefore - 0.05;
    return {
      ok,
      seen: `${seen.reads} reads, ${seen.errors} errors, ${seen.hung} hung, p99 ${seen.p99Ms} ms, ${seen.older} older than what was written, healed after ${seen.healedMs} ms, hit rate ${percent(hitsBefore)} before, ${percent(hitsAfter)} after`,
    };
  } finally {
    run.over = true;
    for (const cache of caches) await cache.stop({ signal: AbortSignal.timeout(1_000) });
  }
}

/** Of all that is read during so long, the part that was there. */
async function hitRate(caches, forMs) {
  const count = () =>
    caches
      .map((cache) => cache.stats())
      .map(({ memoryHits, storeHits, misses }) => [memoryHits + storeHits, misses])
      .reduce(([a, b], [c, d]) => [a + c, b + d]);
  const [hits, misses] = count();
  await sleep(forMs);
  const [hitsNow, missesNow] = count();
  return (hitsNow - hits) / (hitsNow - hits + missesNow - misses);
}

const well = ({ store }) => store.state === "closed" && store.missed === 0;

/** When every cache uses its store again, and has told it what it missed. */
async function healed(caches, untilMs) {
  while (!caches.every((cache) => well(cache.stats()))) {
    if (performance.now() > untilMs) return Infinity;
    await sleep(10);
  }
  return performance.now();
}

const percent = (part) => `${(100 * part).toFixed(1)} %`;
