import { describe, expect, it } from "@jest/globals";

import { Faults, ManualClock, settle } from "../src/index.js";

class Store {
  #kept = new Map<string, string>();

  async get(key: string, _options: { readonly signal?: AbortSignal } = {}) {
    return this.#kept.get(key);
  }

  async set(key: string, value: string) {
    this.#kept.set(key, value);
  }

  // not declared async, as drivers do it
  has(key: string): Promise<boolean> {
    return Promise.resolve(this.#kept.has(key));
  }

  async *keys() {
    yield* this.#kept.keys();
  }

  size(): number {
    return this.#kept.size;
  }
}

function faultyStore(clock?: ManualClock) {
  const faults = new Faults(clock && { clock });
  const store = new Store();
  return { faults, store, wrapped: faults.wrap(store, { sync: ["size"] }) };
}

describe("Faults", () => {
  it("wrap() behaves as the thing itself, and calls tells what was asked", async () => {
    const { faults, wrapped } = faultyStore();
    await wrapped.set("a", "1");
    expect(await wrapped.get("a")).toBe("1");
    expect(await wrapped.has("a")).toBe(true);
    expect(wrapped.size()).toBe(1);
    const keys: string[] = [];
    for await (const key of wrapped.keys()) keys.push(key);
    expect(keys).toEqual(["a"]);
    expect(wrapped).toBeInstanceOf(Store);
    expect(faults.calls).toEqual([
      { method: "set", args: ["a", "1"] },
      { method: "get", args: ["a"] },
      { method: "has", args: ["a"] },
      { method: "size", args: [] },
      { method: "keys", args: [] },
    ]);
  });

  it("fail() rejects the calls that it names, so many times, and they are not made", async () => {
    const { faults, store, wrapped } = faultyStore();
    faults.fail(new Error("full"), { methods: ["set"], times: 2 });
    await expect(wrapped.set("a", "1")).rejects.toThrow("full");
    expect(await wrapped.get("a")).toBeUndefined();
    await expect(wrapped.set("a", "1")).rejects.toThrow("full");
    expect(store.size()).toBe(0);
    await wrapped.set("a", "1");
    expect(store.size()).toBe(1);
  });

  it("fail() with afterwards does the work, and loses the answer", async () => {
    const { faults, store, wrapped } = faultyStore();
    faults.fail(() => new Error("lost"), { afterwards: true });
    await expect(wrapped.set("a", "1")).rejects.toThrow("lost");
    expect(await store.get("a")).toBe("1");
  });

  it("fail() fails a method that is not declared async, and one that iterates", async () => {
    const { faults, wrapped } = faultyStore();
    faults.fail(new Error("down"));
    await expect(wrapped.has("a")).rejects.toThrow("down");
    await expect(wrapped.keys().next()).rejects.toThrow("down");
    expect(wrapped.size()).toBe(0);
  });

  it("delay() makes calls begin later, by the clock", async () => {
    const clock = new ManualClock();
    const { faults, store, wrapped } = faultyStore(clock);
    faults.delay("2s", { methods: ["set"] });
    const set = wrapped.set("a", "1");
    await clock.advance(1999);
    expect(store.size()).toBe(0);
    await clock.advance(1);
    await set;
    expect(store.size()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("delay() and hang() end with the signal of the call", async () => {
    const clock = new ManualClock();
    const { faults, wrapped } = faultyStore(clock);
    const controller = new AbortController();
    faults.delay("2s", { times: 1 });
    faults.hang();
    const calls = [1, 2].map(() => wrapped.get("a", { signal: controller.signal }));
    controller.abort(new Error("enough"));
    for (const call of calls) await expect(call).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });

  it("hang() holds calls until clear() lets them go on", async () => {
    const { faults, store, wrapped } = faultyStore();
    faults.hang();
    const set = wrapped.set("a", "1");
    await settle();
    expect(store.size()).toBe(0);
    faults.clear();
    await set;
    expect(await wrapped.get("a")).toBe("1");
    expect(faults.calls).toHaveLength(1);
  });

  it("cut() fails calls under way and those that come, until mend()", async () => {
    const { faults, store, wrapped } = faultyStore();
    faults.hang({ times: 1 });
    const running = wrapped.set("a", "1");
    faults.cut();
    await expect(running).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(wrapped.get("a")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    faults.mend();
    expect(await wrapped.get("a")).toBeUndefined();
    // what was cut off while it waited is not done later
    faults.clear();
    await settle();
    expect(store.size()).toBe(0);
  });

  it("refuses a number of times that is none, and a delay that is none", () => {
    const faults = new Faults();
    expect(() => faults.fail(new Error("x"), { times: 0 })).toThrow("got 0");
    expect(() => faults.delay("soon" as "1s")).toThrow("delay: by");
  });
});
