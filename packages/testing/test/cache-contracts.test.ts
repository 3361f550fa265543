import type { CacheStore } from "@infra/interfaces";
import { describe, expect, it, jest } from "@jest/globals";

import {
  describeCacheStoreContract,
  describeInvalidationBusContract,
  MemoryInvalidationBus,
} from "../src/index.js";

/** A store that passes: as small as it can be. */
function smallStore(): CacheStore {
  const kept = new Map<string, { value: string; until: number }>();
  const get: CacheStore["get"] = async (key, options) => {
    options?.signal?.throwIfAborted();
    const found = kept.get(key);
    return found && found.until > Date.now() ? found.value : undefined;
  };
  const set: CacheStore["set"] = async (key, value, { ttlMs = Infinity, signal } = {}) => {
    signal?.throwIfAborted();
    kept.set(key, { value, until: Date.now() + ttlMs });
  };
  return {
    get,
    set,
    getMany: async (keys, options) => {
      options?.signal?.throwIfAborted();
      return Promise.all(keys.map((key) => get(key)));
    },
    setMany: async (entries, options) => {
      for (const [key, value] of entries) await set(key, value, options);
    },
    async add(key, value, options) {
      options?.signal?.throwIfAborted();
      const found = kept.get(key);
      if (found && found.until > Date.now()) return false;
      await set(key, value, options);
      return true;
    },
    async delete(keys, options) {
      options?.signal?.throwIfAborted();
      const there = await Promise.all([...new Set(keys)].map(async (key) => [key, await get(key)]));
      for (const key of keys) kept.delete(key);
      return there.filter(([, value]) => value !== undefined).length;
    },
    async clear(prefix = "", options) {
      options?.signal?.throwIfAborted();
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key);
    },
    async *keys(prefix = "") {
      for (const key of kept.keys()) if (key.startsWith(prefix)) yield key;
    },
  };
}

describeCacheStoreContract("a small store", smallStore, {
  lacks: { atomicAdd: "each has its own Map" },
});

describeInvalidationBusContract("MemoryInvalidationBus", async () => {
  const bus = new MemoryInvalidationBus();
  return { one: bus, other: bus, close: () => Promise.resolve() };
});

describe("MemoryInvalidationBus", () => {
  it("cut() makes publish() reject, mend() tells who listens that something was missed", async () => {
    const bus = new MemoryInvalidationBus();
    const onGap = jest.fn();
    await bus.subscribe(() => {}, onGap);
    bus.cut();
    await expect(bus.publish({ origin: "1" })).rejects.toThrow("cut");
    expect(onGap).not.toHaveBeenCalled();
    bus.mend();
    expect(onGap).toHaveBeenCalledTimes(1);
    await bus.publish({ origin: "1" });
  });
});
