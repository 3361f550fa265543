import { describeCacheStoreContract } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { MemoryCacheStore } from "../../src/drivers/memory.js";

describeCacheStoreContract("memory", () => new MemoryCacheStore(), {
  lacks: { atomicAdd: "each store keeps its own values" },
});

describe("MemoryCacheStore", () => {
  it("drops the least recently used when there are too many", async () => {
    const store = new MemoryCacheStore({ maxEntries: 2 });
    await store.set("a", "1");
    await store.set("b", "2");
    await store.get("a");
    await store.set("c", "3");
    expect(await store.getMany(["a", "b", "c"])).toEqual(["1", undefined, "3"]);
  });

  it("drops the least recently used when they take too much", async () => {
    const store = new MemoryCacheStore({ maxBytes: 2_000 });
    await store.set("a", "x".repeat(400));
    await store.set("b", "x".repeat(400));
    await store.set("c", "x".repeat(400));
    expect(await store.get("a")).toBeUndefined();
    expect(await store.get("c")).toBeDefined();
  });

  it("refuses a bound that is none", () => {
    expect(() => new MemoryCacheStore({ maxEntries: 0 })).toThrow(
      new RangeError("maxEntries must be a whole number above 0, got 0"),
    );
  });
});
