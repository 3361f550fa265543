import { ManualClock, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { BatchQueue, WorkQueue } from "../src/index.js";

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: { code?: string }) => error.code);

/** A queue of one operation at a time that ends only when its signal aborts. */
function stubborn(clock = new ManualClock()) {
  const signals: AbortSignal[] = [];
  const queue = new WorkQueue<number>(
    {
      concurrency: 1,
      handle: (_item, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    },
    { clock },
  );
  return { queue, signals, clock };
}

describe("drain()", () => {
  it("carries out what was accepted, takes nothing more, and tells how it ended", async () => {
    const done: number[] = [];
    const queue = new WorkQueue<number>({
      concurrency: 2,
      handle: async (item) => {
        await settle();
        done.push(item);
      },
    });
    for (const item of [1, 2, 3]) void queue.add(item);
    const drained = queue.drain();
    await expect(queue.add(4)).rejects.toMatchObject({ code: "ERR_QUEUE_STOPPED" });
    await expect(queue.enqueue(4)).rejects.toMatchObject({ code: "ERR_QUEUE_STOPPED" });
    expect(await drained).toEqual({ abandoned: 0 });
    expect(done).toEqual([1, 2, 3]);
  });

  it("gives up what is left when the time is over, and aborts what runs", async () => {
    const { queue, signals, clock } = stubborn();
    const added = [1, 2, 3].map((item) => codeOf(queue.add(item)));
    const drained = queue.drain({ timeout: "5s" });
    await clock.advance(4999);
    expect(signals[0]!.aborted).toBe(false);
    await clock.advance(1);
    expect(await drained).toEqual({ abandoned: 3 });
    expect(await Promise.all(added)).toEqual(Array(3).fill("ERR_QUEUE_STOPPED"));
    expect(signals).toHaveLength(1);
    expect(signals[0]!.aborted).toBe(true);
    expect([queue.size, queue.running]).toEqual([0, 0]);
    expect(clock.pending).toBe(0);
    await queue.onIdle();
  });

  it("a signal ends it earlier", async () => {
    const { queue, clock } = stubborn();
    const added = codeOf(queue.add(1));
    const controller = new AbortController();
    const drained = queue.drain({ timeout: "5s", signal: controller.signal });
    controller.abort();
    expect(await drained).toEqual({ abandoned: 1 });
    expect(await added).toBe("ERR_QUEUE_STOPPED");
    expect(clock.pending).toBe(0);
  });

  it("of several calls the one that waits least decides, and stop() is one", async () => {
    const { queue, clock } = stubborn();
    const added = codeOf(queue.add(1));
    const drained = queue.drain({ timeout: Infinity });
    await queue.stop({ signal: AbortSignal.abort() });
    expect(await drained).toEqual({ abandoned: 1 });
    expect(await added).toBe("ERR_QUEUE_STOPPED");
    expect(clock.pending).toBe(0);
  });

  it("that is refused for its time-out is no drain: the next one is", async () => {
    const queue = new WorkQueue<number>({ handle: async () => {} });
    await expect(queue.drain({ timeout: "soon" as never })).rejects.toThrow("drain: timeout");
    await queue.add(1);
    expect(await queue.drain()).toEqual({ abandoned: 0 });
    await queue.stop();
  });

  it("of a paused queue waits for what runs only", async () => {
    let end!: () => void;
    const queue = new WorkQueue<number>({
      concurrency: 1,
      handle: () => new Promise<void>((resolve) => (end = resolve)),
    });
    const first = queue.add(1);
    const second = codeOf(queue.add(2));
    await settle();
    queue.pause();
    const drained = queue.drain();
    end();
    await first;
    expect(await drained).toEqual({ abandoned: 1 });
    expect(await second).toBe("ERR_QUEUE_STOPPED");
  });

  it("refuses those that wait for room", async () => {
    const { queue } = stubborn();
    const full = new WorkQueue<number>({
      concurrency: 1,
      maxWaiting: 1,
      whenFull: "block",
      handle: async () => {},
    });
    full.pause();
    const kept = full.enqueue(1);
    const blocked = codeOf(full.add(2));
    const drained = full.drain();
    await kept;
    expect(await blocked).toBe("ERR_QUEUE_STOPPED");
    expect(await drained).toEqual({ abandoned: 1 });
    await queue.drain({ timeout: 0 });
  });

  it("gives up what waits for its next attempt, and its timer", async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<number>(
      {
        attempts: 3,
        backoff: { initial: "1m", max: "1m", jitter: "none" },
        handle: () => {
          throw new Error("x");
        },
      },
      { clock },
    );
    const added = codeOf(queue.add(1));
    await settle();
    const drained = queue.drain({ timeout: "1s" });
    await clock.advance(1000);
    expect(await drained).toEqual({ abandoned: 1 });
    expect(await added).toBe("ERR_QUEUE_STOPPED");
    expect(clock.pending).toBe(0);
  });

  it("sends out what a batch still waits for", async () => {
    const batches: (readonly number[])[] = [];
    const queue = new BatchQueue<number>({
      maxWait: Infinity,
      handle: (items) => void batches.push(items),
    });
    for (const item of [1, 2, 3]) void queue.add(item);
    await settle();
    expect(batches).toEqual([]);
    await queue.drain();
    expect(batches).toEqual([[1, 2, 3]]);
  });
});

describe("stop()", () => {
  it("drains for stopTimeout, is idempotent, and so is leaving the scope", async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<number>(
      { stopTimeout: "2s", handle: () => new Promise(() => {}) },
      { clock },
    );
    const added = codeOf(queue.add(1));
    const stopped = queue.stop();
    expect(queue.stop()).toBe(stopped);
    await clock.advance(2000);
    await stopped;
    await queue[Symbol.asyncDispose]();
    expect(await added).toBe("ERR_QUEUE_STOPPED");
  });

  it("ends when its signal aborts, whatever an operation does", async () => {
    const { queue } = stubborn();
    const added = codeOf(queue.add(1));
    await queue.stop({ signal: AbortSignal.abort() });
    expect(await added).toBe("ERR_QUEUE_STOPPED");
  });

  it("an operation that ends after it was given up changes nothing", async () => {
    let end!: () => void;
    let fail!: (error: Error) => void;
    const ends = [
      new Promise<void>((resolve) => (end = resolve)),
      new Promise<void>((_, reject) => (fail = reject)),
    ];
    const queue = new WorkQueue<number>({ attempts: 3, handle: (item) => ends[item] });
    const added = [0, 1].map((item) => codeOf(queue.add(item)));
    await queue.drain({ timeout: 0 });
    end();
    fail(new Error("late"));
    await settle();
    expect(await Promise.all(added)).toEqual(Array(2).fill("ERR_QUEUE_STOPPED"));
    expect(queue.stats()).toMatchObject({ succeeded: 0, failed: 0, delayed: 0, running: 0 });
    queue.resume();
    await queue.onIdle();
  });
});
