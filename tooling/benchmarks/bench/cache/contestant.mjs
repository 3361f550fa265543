// node contestant.mjs LIBRARY WORK answer|measure: sends some values, or how many hits there are in a second.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { best } from "../../own-process.mjs";
import { keys, valueOf } from "./values.mjs";

const [library, work, wanted] = process.argv.slice(2);
const cleanups = [];

/** `{ get, set }` of each, as it comes. */
const inMemory = {
  "lru-cache": async () => {
    const { LRUCache } = await import("lru-cache");
    const lru = new LRUCache({ max: 10_000 });
    return { get: async (key) => lru.get(key), set: async (key, value) => lru.set(key, value) };
  },
  "@infra/cache": async () => {
    const { CacheService } = await import("@infra/cache");
    const { MemoryCacheStore } = await import("@infra/cache/drivers/memory");
    const cache = new CacheService(
      work === "two tiers" ? { store: new MemoryCacheStore(), memory: true } : {},
    );
    return {
      get: work === "getOrSet" ? (key) => cache.getOrSet(key, load) : (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
    };
  },
  keyv: async () => {
    const { Keyv } = await import("keyv");
    const keyv = new Keyv();
    return { get: (key) => keyv.get(key), set: (key, value) => keyv.set(key, value) };
  },
  cacheable: async () => {
    const { Cacheable } = await import("cacheable");
    const { Keyv } = await import("keyv");
    const cache = new Cacheable(work === "two tiers" ? { secondary: new Keyv() } : {});
    return {
      get: work === "getOrSet" ? (key) => cache.getOrSet(key, load) : (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
    };
  },
  bentocache: async () => {
    const { BentoCache, bentostore } = await import("bentocache");
    const { memoryDriver } = await import("bentocache/drivers/memory");
    const { fileDriver } = await import("bentocache/drivers/file");
    let store = bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 }));
    if (work === "two tiers") {
      const directory = mkdtempSync(join(tmpdir(), "bench-cache-"));
      cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
      store = store.useL2Layer(fileDriver({ directory, pruneInterval: false }));
    }
    const cache = new BentoCache({ default: "main", stores: { main: store } });
    cleanups.push(() => cache.disconnectAll());
    return {
      get:
        work === "getOrSet"
          ? (key) => cache.getOrSet({ key, factory: load })
          : (key) => cache.get({ key }),
      set: (key, value) => cache.set({ key, value }),
    };
  },
};

function load() {
  throw new Error("a hit was to be measured, this is a miss");
}

const contestant = await inMemory[library]();
for (const key of keys) await contestant.set(key, valueOf(key));
const result = wanted === "measure" ? await best(turn, { turns: 3, forMs: 600 }) : await answer();
for (const cleanup of cleanups.toReversed()) await cleanup();
process.send(result, () => process.exit(0));

async function turn() {
  const count = 50_000;
  let found = 0;
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) {
    if ((await contestant.get(keys[at % keys.length])) !== undefined) found += 1;
  }
  const tookMs = performance.now() - startMs;
  if (found !== count) throw new Error(`${count - found} of ${count} were no hits`);
  return (1000 * count) / tookMs;
}

async function answer() {
  const some = [keys[0], keys[500], keys.at(-1)];
  return Promise.all(some.map((key) => contestant.get(key)));
}
