import type { CacheStore, CacheStoreSetOptions } from "@infra/interfaces";
import { LRUCache } from "lru-cache";

/** The part of `CacheStore` that is needed to keep answers. */
export type AnswerStore = Pick<CacheStore, "get" | "set" | "add" | "delete">;

/** Keeps answers in this process, bounded by their size; those asked for longest ago go first. */
export function createMemoryStore(maxBytes: number): AnswerStore {
  const cache = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (value, key) => 2 * (value.length + key.length) + 1,
  });
  const set = (key: string, value: string, { ttlMs }: CacheStoreSetOptions = {}): void => {
    cache.set(key, value, ttlMs === undefined ? {} : { ttl: ttlMs });
  };
  return {
    get: async (key) => cache.get(key),
    set: async (key, value, options) => set(key, value, options),
    async add(key, value, options) {
      if (cache.has(key)) return false;
      set(key, value, options);
      return true;
    },
    delete: async (keys) => keys.filter((key) => cache.delete(key)).length,
  };
}
