import { AsyncLocalStorage } from "node:async_hooks";

import { ManualClock, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import {
  BatchQueue,
  SlidingWindow,
  type BatchQueueOptions,
  type QueueEvent,
} from "../src/index.js";

/** A queue that keeps what its batches were. */
function recording(
  options: Partial<BatchQueueOptions<string, string>> = {},
  clock = new ManualClock(),
) {
  const batches: string[] = [];
  const queue = new BatchQueue<string, string>(
    {
      handle: (items) => {
        batches.push(items.join(" "));
        return items.map((item) => item.toUpperCase());
      },
      ...options,
    },
    { clock },
  );
  return { queue, batches, clock };
}

describe("BatchQueue batches", () => {
  it("goes out when it is full, and gives each item its own result", async () => {
    const { queue, batches } = recording({ maxItems: 2, maxWait: "1m" });
    const added = queue.addAll(["a", "b", "c", "d"]);
    expect(await added).toEqual(["A", "B", "C", "D"]);
    expect(batches).toEqual(["a b", "c d"]);
  });

  it("goes out when its first item has waited long enough", async () => {
    const { queue, batches, clock } = recording({ maxWait: "1s" });
    void queue.add("a");
    await clock.advance(900);
    void queue.add("b");
    await clock.advance(99);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(batches).toEqual(["a b"]);
    void queue.add("c");
    await clock.advance(999);
    expect(batches).toEqual(["a b"]);
    await clock.advance(1);
    expect(batches).toEqual(["a b", "c"]);
    expect(clock.pending).toBe(0);
  });

  it("what a full batch leaves behind waits no longer than from its own arrival", async () => {
    const { queue, batches, clock } = recording({ maxItems: 2, maxWait: "1s" });
    queue.pause();
    for (const item of ["a", "b", "c"]) void queue.add(item);
    await clock.advance(600);
    queue.resume();
    await settle();
    expect(batches).toEqual(["a b"]);
    await clock.advance(399);
    expect(batches).toEqual(["a b"]);
    await clock.advance(1);
    expect(batches).toEqual(["a b", "c"]);
  });

  it("holds no more bytes than it may; a larger item goes alone", async () => {
    const { queue, batches } = recording({
      maxBytes: 4,
      sizeOf: (item) => item.length,
      maxWait: "1h",
    });
    for (const item of ["aa", "b", "ccc", "dddddd", "e"]) void queue.add(item);
    await settle();
    expect(batches).toEqual(["aa b", "ccc", "dddddd"]);
    queue.flush();
    await settle();
    expect(batches.at(-1)).toBe("e");
  });

  it("byKey: only items of one key go together, and flush(key) sends out those of one", async () => {
    const { queue, batches } = recording({ byKey: true, maxItems: 2, maxWait: Infinity });
    for (const item of ["a1", "b1", "a2", "c1"]) void queue.add(item, { key: item[0]! });
    await settle();
    expect(batches).toEqual(["a1 a2"]);
    queue.flush("c");
    await settle();
    expect(batches).toEqual(["a1 a2", "c1"]);
    queue.flush("nobody");
    queue.flush();
    await settle();
    expect(batches).toEqual(["a1 a2", "c1", "b1"]);
  });

  it("byKey with keyConcurrency: batches of one key follow each other, those of others don't wait", async () => {
    const ends: (() => void)[] = [];
    const begun: string[] = [];
    const queue = new BatchQueue<string>({
      byKey: true,
      concurrency: 5,
      keyConcurrency: 1,
      maxItems: 1,
      handle: async ([item]) => {
        begun.push(item!);
        await new Promise<void>((resolve) => ends.push(resolve));
      },
    });
    for (const item of ["a1", "a2", "b1"]) void queue.add(item, { key: item[0]! });
    await settle();
    expect(begun).toEqual(["a1", "b1"]);
    ends.shift()!();
    await settle();
    expect(begun).toEqual(["a1", "b1", "a2"]);
    for (const end of ends) end();
    await queue.onIdle();
  });

  it("the more urgent items make the next batch, in which they come first", async () => {
    const { queue, batches } = recording({ maxItems: 2, maxWait: Infinity });
    queue.pause();
    void queue.add("a");
    void queue.add("b", { priority: 1 });
    void queue.add("c", { priority: 2 });
    void queue.add("d");
    queue.resume();
    await settle();
    expect(batches).toEqual(["c b", "a d"]);
  });

  it("one that was taken back is in no batch, and the last one takes the timer with it", async () => {
    const { queue, batches, clock } = recording({ maxWait: "1s" });
    const controller = new AbortController();
    const added = queue.add("a", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(added).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
    void queue.add("b");
    await clock.advance(1000);
    expect(batches).toEqual(["b"]);
  });

  it("counts calls for the rate limit, and items for running", async () => {
    const clock = new ManualClock();
    const { queue, batches } = recording(
      { maxItems: 2, rateLimit: new SlidingWindow({ limit: 1, window: "1s" }) },
      clock,
    );
    for (const item of ["a", "b", "c", "d"]) void queue.add(item);
    await settle();
    expect(batches).toEqual(["a b"]);
    await clock.advance(1000);
    expect(batches).toEqual(["a b", "c d"]);
  });

  it("the operation's signal aborts when nobody waits for any item of it", async () => {
    let signal!: AbortSignal;
    const queue = new BatchQueue<string>({
      maxItems: 2,
      handle: (_items, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    const controllers = [new AbortController(), new AbortController()];
    const added = controllers.map((controller, at) =>
      queue.add(`${at}`, { signal: controller.signal }).catch((error: Error) => error.message),
    );
    await settle();
    controllers[0]!.abort(new Error("first"));
    expect(signal.aborted).toBe(false);
    controllers[1]!.abort(new Error("second"));
    expect(signal.aborted).toBe(true);
    expect(await Promise.all(added)).toEqual(["first", "second"]);
    await queue.drain({ timeout: 0 });
  });

  it("runAs() enters the context of who added an item", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const queue = new BatchQueue<string>({
      handle: (items, { runAs }) => {
        seen.push(storage.getStore());
        for (const at of items.keys()) runAs(at, () => seen.push(storage.getStore()));
        expect(() => runAs(2, () => {})).toThrow("index must be that of one of 2 items, got 2");
      },
    });
    await Promise.all(
      ["a", "b"].map((item) => storage.run(`context of ${item}`, () => queue.add(item))),
    );
    expect(seen).toEqual([undefined, "context of a", "context of b"]);
  });
});

/** A handler that fails as a whole when one of these is in the batch; it keeps how large each batch was. */
function poisoned(poison: ReadonlySet<number>, calls: number[] = []) {
  return (items: readonly number[]): void => {
    calls.push(items.length);
    const bad = items.find((item) => poison.has(item));
    if (bad !== undefined) throw new Error(`poison ${bad}`);
  };
}

describe("BatchQueue failures", () => {
  it("an error in the place of a result is that item's alone", async () => {
    const queue = new BatchQueue<number, string>({
      handle: (items) => items.map((item) => (item === 2 ? new Error("two") : `${item}`)),
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => queue.add(item)));
    expect(outcomes).toEqual([
      { status: "fulfilled", value: "1" },
      { status: "rejected", reason: new Error("two") },
      { status: "fulfilled", value: "3" },
    ]);
    expect(queue.deadLetters().map(({ item }) => item)).toEqual([2]);
  });

  it("bisects a batch that fails as a whole: only the poison items fail, each with its own error", async () => {
    const calls: number[] = [];
    const queue = new BatchQueue<number>({
      maxItems: 500,
      handle: poisoned(new Set([123, 321]), calls),
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 500 }, (_, item) => queue.add(item)),
    );
    const failed = outcomes.flatMap((each, item) =>
      each.status === "rejected" ? [[item, (each.reason as Error).message]] : [],
    );
    expect(failed).toEqual([
      [123, "poison 123"],
      [321, "poison 321"],
    ]);
    // each of two poison items is found in nine halvings, two calls each
    expect(calls.length).toBeLessThanOrEqual(1 + 2 * 18);
  });

  it("100,000 items in batches of 500 with one poison item: 99,999 succeed, one dead letter", async () => {
    const queue = new BatchQueue<number>({
      maxItems: 500,
      concurrency: 4,
      handle: poisoned(new Set([77_777])),
    });
    const added = Array.from({ length: 100_000 }, (_, item) => queue.add(item));
    const outcomes = await Promise.allSettled(added);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(99_999);
    expect(queue.deadLetters()).toMatchObject([{ item: 77_777, attempts: 1 }]);
    expect(queue.stats()).toMatchObject({ succeeded: 99_999, failed: 1, waiting: 0, running: 0 });
  });

  it("tries the whole batch again before it is bisected", async () => {
    const clock = new ManualClock();
    const calls: number[] = [];
    let failures = 2;
    const queue = new BatchQueue<number>(
      {
        attempts: 3,
        backoff: { initial: "1s", jitter: "none" },
        handle: (items) => {
          calls.push(items.length);
          if (failures-- > 0) throw new Error("down");
        },
      },
      { clock },
    );
    const added = Promise.all(Array.from({ length: 8 }, (_, item) => queue.add(item)));
    await clock.advance(10_000);
    await added;
    expect(calls).toEqual([8, 8, 8]);
  });

  it("does not bisect for an error that blames no item, nor when it is told not to", async () => {
    const calls: number[] = [];
    const failing = (error: Error, bisect?: boolean) =>
      new BatchQueue<number>({
        bisect,
        handle: (items) => {
          calls.push(items.length);
          throw error;
        },
      });
    const down = Object.assign(new Error("down"), { retryable: true });
    for (const queue of [failing(down), failing(new Error("x"), false)]) {
      const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => queue.add(item)));
      expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    }
    expect(calls).toEqual([4, 4]);
  });

  it("takes a bisect that throws for no, and goes on", async () => {
    const queue = new BatchQueue<number>({
      bisect: () => {
        throw new TypeError("no code");
      },
      handle: (items) => {
        if (items.length > 1) throw new Error("down");
      },
    });
    const outcomes = await Promise.allSettled([1, 2].map((item) => queue.add(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await queue.add(3);
  });

  it("a handler that returns too few results fails them all, and is not called again", async () => {
    let calls = 0;
    const queue = new BatchQueue<number, string>({
      attempts: 3,
      handle: () => {
        calls += 1;
        return ["one"];
      },
    });
    const outcomes = await Promise.allSettled([1, 2].map((item) => queue.add(item)));
    expect(outcomes.map((each) => each.status === "rejected" && String(each.reason))).toEqual(
      Array(2).fill(
        "TypeError: BatchQueue: handle must return one result or error per item, or nothing: got 1 for 2",
      ),
    );
    expect(calls).toBe(1);
  });

  it("halves go on counting for the rate limit and the key, and end with the queue", async () => {
    const clock = new ManualClock();
    const begun: number[] = [];
    const events: QueueEvent<number>[] = [];
    const queue = new BatchQueue<number>(
      {
        maxItems: 4,
        rateLimit: { limit: 1, window: "1s" },
        handle: () => {
          begun.push(clock.monotonic());
          throw new Error("x");
        },
      },
      { clock },
    );
    queue.subscribe((event) => event.type === "split" && events.push(event));
    const added = [1, 2, 3, 4].map((item) =>
      queue
        .add(item)
        .catch((error: { code?: string; message: string }) => error.code ?? error.message),
    );
    await clock.advance(2500);
    expect(begun).toEqual([0, 1000, 2000]);
    expect(events).toMatchObject([{ items: 4 }, { items: 2 }]);
    await queue.drain({ timeout: 0 });
    expect(await Promise.all(added)).toEqual(["x", ...Array(3).fill("ERR_QUEUE_STOPPED")]);
    await settle();
    expect(clock.pending).toBe(0);
    expect(begun).toHaveLength(3);
  });

  it("timeout aborts the batch, and fails its items without halving them", async () => {
    const clock = new ManualClock();
    const calls: number[] = [];
    const queue = new BatchQueue<number>(
      {
        timeout: "1s",
        handle: (items) => {
          calls.push(items.length);
          return new Promise(() => {});
        },
      },
      { clock },
    );
    const added = [1, 2].map((item) =>
      queue.add(item).catch((error: { code: string }) => error.code),
    );
    await clock.advance(1001);
    expect(await Promise.all(added)).toEqual(["ERR_QUEUE_TIMEOUT", "ERR_QUEUE_TIMEOUT"]);
    expect(calls).toEqual([2]);
  });
});
