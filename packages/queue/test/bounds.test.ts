import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { settle } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import { WorkQueue, type QueueOptions } from "../src/index.js";

// millions of items, on a machine that may have other things to do
jest.setTimeout(180_000);

/** A queue of which one operation runs and does not end before it is told to. */
function busy(options: QueueOptions = {}) {
  const done: number[] = [];
  const gates: (() => void)[] = [];
  const queue = new WorkQueue<number, number>({
    concurrency: 1,
    maxWaiting: 2,
    ...options,
    handle: async (item) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      done.push(item);
      return item;
    },
  });
  const letGo = async (): Promise<void> => {
    gates.shift()!();
    await settle();
  };
  return { queue, done, letGo };
}

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: { code?: string }) => error.code);

describe("a full queue", () => {
  it("rejects by default, and says so", async () => {
    const { queue, letGo } = busy();
    const kept = [1, 2, 3].map((item) => queue.add(item));
    await expect(queue.add(4)).rejects.toMatchObject({
      code: "ERR_QUEUE_FULL",
      message: "the WorkQueue is full: 2 items wait (maxWaiting)",
      details: { maxWaiting: 2 },
      retryable: true,
    });
    await expect(queue.enqueue(4)).rejects.toMatchObject({ code: "ERR_QUEUE_FULL" });
    await letGo();
    const next = queue.add(5);
    for (let at = 0; at < 3; at++) await letGo();
    expect(await Promise.all([...kept, next])).toEqual([1, 2, 3, 5]);
  });

  it('"block": add() and enqueue() wait for room, in the order in which they came', async () => {
    const { queue, done, letGo } = busy({ whenFull: "block" });
    for (const item of [1, 2, 3]) void queue.add(item);
    let isAccepted = false;
    const added = queue.add(4);
    const accepted = queue.enqueue(5).then(() => (isAccepted = true));
    await settle();
    expect(queue.stats()).toMatchObject({ waiting: 2, blocked: 2, added: 3 });
    await letGo();
    expect(queue.stats()).toMatchObject({ waiting: 2, blocked: 1 });
    expect(isAccepted).toBe(false);
    await letGo();
    await accepted;
    for (let at = 0; at < 3; at++) await letGo();
    expect(await added).toBe(4);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  it("Trap: those that wait for room begin no more at once than may, when several places are free", async () => {
    const { queue, letGo } = busy({ whenFull: "block", concurrency: 2, maxBlocked: 10 });
    queue.pause();
    for (const item of [1, 2, 3, 4, 5, 6]) void queue.add(item);
    queue.resume();
    expect(queue.running).toBe(2);
    for (let at = 0; at < 6; at++) {
      expect(queue.running).toBeLessThanOrEqual(2);
      await letGo();
    }
    expect(queue.stats()).toMatchObject({ succeeded: 6, waiting: 0, blocked: 0 });
  });

  it('"block": no more than maxBlocked wait, and a signal ends the wait', async () => {
    const { queue, letGo } = busy({ whenFull: "block", maxBlocked: 1 });
    for (const item of [1, 2, 3]) void queue.add(item);
    const controller = new AbortController();
    const blocked = queue.enqueue(4, { signal: controller.signal });
    await expect(queue.add(5)).rejects.toMatchObject({
      code: "ERR_QUEUE_FULL",
      message: "the WorkQueue is full: 2 items wait (maxWaiting), and 1 for room (maxBlocked)",
    });
    controller.abort(new Error("enough"));
    await expect(blocked).rejects.toThrow("enough");
    expect(queue.stats().blocked).toBe(0);
    for (let at = 0; at < 3; at++) await letGo();
    await queue.onIdle();
    expect(queue.stats().succeeded).toBe(3);
  });

  it('"drop-oldest": what has waited longest makes room', async () => {
    const { queue, done, letGo } = busy({ whenFull: "drop-oldest" });
    const added = [1, 2, 3, 4, 5].map((item) => outcomeOf(queue.add(item)));
    await queue.enqueue(6);
    for (let at = 0; at < 3; at++) await letGo();
    expect(await Promise.all(added)).toEqual([
      1,
      "ERR_QUEUE_DROPPED",
      "ERR_QUEUE_DROPPED",
      "ERR_QUEUE_DROPPED",
      5,
    ]);
    expect(done).toEqual([1, 5, 6]);
    expect(queue.stats()).toMatchObject({ dropped: 3, added: 6 });
  });

  it('"drop-oldest" knows the oldest also when all that waited has gone in between', async () => {
    const { queue, done, letGo } = busy({ whenFull: "drop-oldest" });
    for (let round = 0; round < 3; round++) {
      for (const item of [1, 2, 3, 4]) void queue.enqueue(round * 10 + item);
      for (let at = 0; at < 3; at++) await letGo();
    }
    expect(done).toEqual([1, 3, 4, 11, 13, 14, 21, 23, 24]);
  });

  it('"drop-oldest" refuses when all that waits is between two attempts', async () => {
    const queue = new WorkQueue<number>({
      maxWaiting: 2,
      whenFull: "drop-oldest",
      attempts: 2,
      backoff: { initial: "1h", max: "1h", jitter: "none" },
      handle: () => {
        throw new Error("x");
      },
    });
    for (const item of [1, 2]) await queue.enqueue(item);
    await settle();
    expect(queue.stats()).toMatchObject({ delayed: 2, waiting: 2 });
    await expect(queue.enqueue(3)).rejects.toMatchObject({ code: "ERR_QUEUE_FULL" });
    expect(queue.clear()).toBe(2);
  });

  it("clear() drops what waits, and lets what runs go on", async () => {
    const { queue, done, letGo } = busy();
    const added = [1, 2, 3].map((item) => outcomeOf(queue.add(item)));
    await settle();
    expect(queue.clear()).toBe(2);
    await letGo();
    expect(await Promise.all(added)).toEqual([1, "ERR_QUEUE_DROPPED", "ERR_QUEUE_DROPPED"]);
    expect(done).toEqual([1]);
    await queue.onIdle();
  });

  it("Trap: memory stays flat over many priorities and keys that come and go", async () => {
    const queue = new WorkQueue<number>({
      keyConcurrency: 1,
      dedupe: (item) => item,
      handle: () => {},
    });
    const add = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at++) {
        await queue.enqueue(at, { priority: at, key: `key ${at}`, id: `id ${at}` });
      }
    };
    const alone = new WorkQueue<number>({ handle: () => {} });
    const addAlone = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at++) await alone.enqueue(at, { priority: at });
    };
    await add(0, 10_000);
    await addAlone(0, 10_000);
    const before = heapAfterCollection();
    await add(10_000, 110_000);
    await addAlone(10_000, 110_000);
    expect(heapAfterCollection() - before).toBeLessThan(3 * 1024 ** 2);
  });

  it("Trap: who no longer waits for a busy queue to be idle leaves nothing behind", async () => {
    const { queue, letGo } = busy();
    void queue.add(1);
    const giveUpWaiting = async (times: number): Promise<void> => {
      for (let at = 0; at < times; at++) {
        const controller = new AbortController();
        const idle = queue.onIdle({ signal: controller.signal });
        controller.abort();
        await idle.catch(() => {});
      }
    };
    await giveUpWaiting(1000);
    const before = heapAfterCollection();
    await giveUpWaiting(20_000);
    expect(heapAfterCollection() - before).toBeLessThan(3 * 1024 ** 2);
    await letGo();
    await queue.onIdle();
  });

  it.each(["reject", "block", "drop-oldest"] as const)(
    "Trap: memory stays flat over a million offers with %s",
    async (whenFull) => {
      const { queue, letGo } = busy({ whenFull, maxWaiting: 1000 });
      const { stackTraceLimit } = Error;
      // a million stacks are not what is measured
      Error.stackTraceLimit = 0;
      const offer = async (count: number): Promise<void> => {
        for (let at = 0; at < count; at++) {
          // nobody waits for the outcome of any of them, as of metrics or log lines
          queue.add(at).catch(() => {});
          if (at % 10_000 === 0) await settle();
        }
      };
      try {
        await offer(50_000);
        const before = heapAfterCollection();
        await offer(1_000_000);
        const grownBytes = heapAfterCollection() - before;
        expect(grownBytes).toBeLessThan(3 * 1024 ** 2);
        expect(queue.size).toBe(1000);
        expect(queue.stats().blocked).toBe(whenFull === "block" ? 1000 : 0);
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
      await letGo();
      await queue.drain({ timeout: 0 });
    },
  );
});

function heapAfterCollection(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** The collector, which Node.js hands out only when asked to. */
const collect = ((): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();
