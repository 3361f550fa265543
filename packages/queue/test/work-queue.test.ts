import { ManualClock, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { WorkQueue } from "../src/index.js";
import { gated } from "./gated.js";

describe("WorkQueue concurrency", () => {
  it("runs as many at once as it was told, and the next as soon as one is done", async () => {
    const { queue, begun, letGo, letAllGo } = gated({ concurrency: 2 });
    const all = queue.addAll(["a", "b", "c", "d"]);
    await settle();
    expect(begun).toEqual(["a", "b"]);
    expect([queue.running, queue.size]).toEqual([2, 2]);
    await letGo();
    expect(begun).toEqual(["a", "b", "c"]);
    await letAllGo();
    expect(await all).toEqual(["a", "b", "c", "d"]);
  });

  it("keyConcurrency: one key does not take the places of others, nor more than its own", async () => {
    const { queue, begun, letGo, letAllGo } = gated({ concurrency: 3, keyConcurrency: 1 });
    for (const item of ["a1", "a2", "b1", "c1", "b2"]) void queue.add(item, { key: item[0]! });
    await settle();
    expect(begun).toEqual(["a1", "b1", "c1"]);
    await letGo();
    expect(begun).toEqual(["a1", "b1", "c1", "a2"]);
    await letAllGo();
    expect(begun).toEqual(["a1", "b1", "c1", "a2", "b2"]);
    expect(queue.running).toBe(0);
  });

  it("a handler that does not wait, and one that throws at once, have outcomes like any other", async () => {
    const queue = new WorkQueue<number, number>({
      concurrency: 1,
      handle: (item) => {
        if (item === 2) throw new Error("two");
        return item * 10;
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => queue.add(item)));
    expect(outcomes).toMatchObject([{ value: 10 }, { reason: { message: "two" } }, { value: 30 }]);
  });

  it("an operation may add to its own queue", async () => {
    const seen: number[] = [];
    const queue: WorkQueue<number> = new WorkQueue<number>({
      concurrency: 1,
      handle: (item) => {
        seen.push(item);
        if (item < 3) void queue.add(item + 1);
      },
    });
    await queue.add(1);
    await queue.onIdle();
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("WorkQueue priorities", () => {
  it("ageing lets what waits overtake what is more urgent and came later", async () => {
    const clock = new ManualClock();
    const { queue, begun, letAllGo } = gated({ concurrency: 1, ageing: "1s" }, clock);
    void queue.add("first");
    void queue.add("old", { priority: 0 });
    await clock.advance(2500);
    void queue.add("two more urgent", { priority: 2 });
    void queue.add("three more urgent", { priority: 3 });
    await letAllGo();
    expect(begun).toEqual(["first", "three more urgent", "old", "two more urgent"]);
  });

  it("without ageing the less urgent waits for ever", async () => {
    const clock = new ManualClock();
    const { queue, begun, letAllGo } = gated({ concurrency: 1 }, clock);
    void queue.add("first");
    void queue.add("old");
    await clock.advance(1e9);
    void queue.add("urgent", { priority: 1 });
    await letAllGo();
    expect(begun).toEqual(["first", "urgent", "old"]);
  });

  it("setPriority() moves an item that waits, and says whether there was one", async () => {
    const { queue, begun, letAllGo } = gated({ concurrency: 1 });
    for (const id of ["running", "a", "b", "c"]) void queue.add(id, { id });
    await settle();
    expect(queue.setPriority("c", 1)).toBe(true);
    expect(queue.setPriority("a", -1)).toBe(true);
    expect(queue.setPriority("running", 1)).toBe(false);
    expect(queue.setPriority("nobody", 1)).toBe(false);
    expect(() => queue.setPriority("b", NaN)).toThrow("priority must be a finite number, got NaN");
    await letAllGo();
    expect(begun).toEqual(["running", "c", "b", "a"]);
    expect(queue.setPriority("a", 1)).toBe(false);
  });

  it("an id is of one item at a time", async () => {
    const { queue, letAllGo } = gated({ concurrency: 1 });
    const first = queue.add("x", { id: "1" });
    await expect(queue.add("y", { id: "1" })).rejects.toThrow(RangeError);
    await settle();
    await letAllGo();
    await first;
    void queue.add("z", { id: "1" });
    await settle();
    await letAllGo();
    expect(queue.stats().succeeded).toBe(2);
  });
});

describe("WorkQueue fairness", () => {
  it("shares the queue between keys by their weights, however much one of them adds", async () => {
    const weights: Readonly<Record<string, number>> = { big: 3, small: 1 };
    const begun: string[] = [];
    const queue = new WorkQueue<string>({
      concurrency: 1,
      fairness: (key) => weights[key ?? "small"]!,
      handle: (item) => void begun.push(item),
    });
    queue.pause();
    for (let at = 0; at < 100; at++) void queue.add("big", { key: "big", priority: at });
    for (let at = 0; at < 100; at++) void queue.add("small", { key: "small", priority: -at });
    queue.resume();
    await queue.onIdle();
    const early = begun.slice(0, 80);
    expect(early.filter((item) => item === "big")).toHaveLength(60);
    // nobody is left out for long
    expect(early.slice(0, 8)).toEqual(expect.arrayContaining(["big", "small"]));
  });

  it("a key that comes later begins with the others, and does not catch up on what it missed", async () => {
    const begun: string[] = [];
    const queue = new WorkQueue<string>({
      concurrency: 1,
      fairness: true,
      handle: (item) => {
        begun.push(item);
        if (begun.length === 50) {
          for (let at = 0; at < 50; at++) void queue.add("late", { key: "late" });
        }
      },
    });
    queue.pause();
    for (let at = 0; at < 100; at++) void queue.add("early", { key: "early" });
    queue.resume();
    await queue.onIdle();
    const after = begun.slice(50, 70);
    expect(after.filter((item) => item === "late").length).toBeGreaterThanOrEqual(9);
    expect(after.filter((item) => item === "late").length).toBeLessThanOrEqual(11);
  });

  it("refuses a weight that is none", async () => {
    const queue = new WorkQueue<string>({ fairness: () => 0, handle: () => {} });
    await expect(queue.add("x", { key: "k" })).rejects.toThrow(
      "fairness must give a number above 0, got 0 for the key k",
    );
    expect(queue.size).toBe(0);
  });
});

describe("WorkQueue dedupe", () => {
  it("who adds what waits or runs already joins it", async () => {
    const { queue, begun, letAllGo } = gated({ concurrency: 1, dedupe: (item) => item });
    const all = Promise.all(["a", "b", "a", "b", "a"].map((item) => queue.add(item)));
    await settle();
    await letAllGo();
    expect(await all).toEqual(["a", "b", "a", "b", "a"]);
    expect(begun).toEqual(["a", "b"]);
    expect(queue.stats()).toMatchObject({ added: 2, joined: 3 });
    void queue.add("a");
    await settle();
    expect(begun).toEqual(["a", "b", "a"]);
    await letAllGo();
  });

  it('dedupeUntil "started": what runs already is not joined', async () => {
    const { queue, begun, letAllGo } = gated({
      concurrency: 1,
      dedupe: (item) => item,
      dedupeUntil: "started",
    });
    void queue.addAll(["a", "a", "a"]);
    await settle();
    await letAllGo();
    expect(begun).toEqual(["a", "a"]);
  });

  it("who joins with a higher priority takes the item along", async () => {
    const { queue, begun, letAllGo } = gated({ concurrency: 1, dedupe: (item) => item });
    for (const item of ["first", "a", "b"]) void queue.add(item);
    void queue.add("b", { priority: 1 });
    await settle();
    await letAllGo();
    expect(begun).toEqual(["first", "b", "a"]);
  });

  it("an item goes on while one still waits for it, and is aborted with the last", async () => {
    const signals: AbortSignal[] = [];
    const queue = new WorkQueue<string, string>({
      dedupe: (item) => item,
      handle: (_item, { signal }) => {
        signals.push(signal);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = queue.add("x", { signal: one.signal });
    const second = queue.add("x", { signal: two.signal });
    one.abort(new Error("one"));
    await expect(first).rejects.toThrow("one");
    expect(signals[0]!.aborted).toBe(false);
    two.abort(new Error("two"));
    await expect(second).rejects.toThrow("two");
    expect(signals[0]!.aborted).toBe(true);
    await queue.onIdle();
    expect(queue.stats()).toMatchObject({ cancelled: 1, failed: 0, deadLetters: 0 });
  });
});

describe("WorkQueue addAll()", () => {
  it("resolves to the results in the order of the items, and of none to none", async () => {
    const queue = new WorkQueue<number, number>({
      concurrency: 3,
      handle: async (item) => {
        for (let turn = 0; turn < 5 - item; turn++) await settle();
        return item * 10;
      },
    });
    expect(await queue.addAll([1, 2, 3, 4])).toEqual([10, 20, 30, 40]);
    expect(await queue.addAll(new Set<number>())).toEqual([]);
  });

  it("rejects with the first failure, and carries out the others", async () => {
    const done: number[] = [];
    const queue = new WorkQueue<number>({
      concurrency: 1,
      handle: (item) => {
        if (item % 2 === 0) throw new Error(`even ${item}`);
        done.push(item);
      },
    });
    await expect(queue.addAll([1, 2, 3, 4, 5])).rejects.toThrow("even 2");
    await queue.onIdle();
    expect(done).toEqual([1, 3, 5]);
  });

  it("joins duplicates, and a signal takes all of them back", async () => {
    const { queue, begun, letAllGo } = gated({ concurrency: 1, dedupe: (item) => item });
    const controller = new AbortController();
    const all = queue.addAll(["a", "b", "a", "c"]);
    const taken = queue.addAll(["b", "x", "y"], { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(taken).rejects.toThrow("enough");
    await letAllGo();
    expect(await all).toEqual(["a", "b", "a", "c"]);
    expect(begun).toEqual(["a", "b", "c"]);
  });

  it("Trap: what can't be added rejects once, though others before it fail as well", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const queue = new WorkQueue<number>({
      fairness: () => weight--,
      handle: async () => {
        await settle();
        throw new Error("fails");
      },
    });
    let weight = 3;
    await expect(queue.addAll([1, 2, 3, 4])).rejects.toThrow("fairness must give a number above 0");
    await queue.onIdle();
    await settle();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});
