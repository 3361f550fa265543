import { RetryBudget } from "@infra/promises";
import { ManualClock, MemoryLogger, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { WorkQueue } from "../src/index.js";

describe("WorkQueue attempts", () => {
  it("tries again after a wait that grows, and holds no place meanwhile", async () => {
    const clock = new ManualClock();
    const begun: string[] = [];
    const queue = new WorkQueue<string, string>(
      {
        concurrency: 1,
        attempts: 3,
        backoff: { initial: "1s", jitter: "none" },
        handle: (item, { attempt }) => {
          begun.push(`${item} ${attempt}`);
          if (item === "bad" && attempt < 3) throw new Error("not yet");
          return item;
        },
      },
      { clock },
    );
    const bad = queue.add("bad");
    await queue.add("good");
    expect(begun).toEqual(["bad 1", "good 1"]);
    expect(queue.stats()).toMatchObject({ waiting: 1, delayed: 1, running: 0, retried: 1 });
    await clock.advance(999);
    expect(begun).toHaveLength(2);
    await clock.advance(1);
    expect(begun.at(-1)).toBe("bad 2");
    await clock.advance(2000);
    expect(await bad).toBe("bad");
    expect(begun.at(-1)).toBe("bad 3");
    expect(queue.deadLetters()).toEqual([]);
  });

  it("takes a retryIf that throws for no, and goes on", async () => {
    const logger = new MemoryLogger();
    const queue = new WorkQueue<string, string>(
      {
        concurrency: 1,
        attempts: 3,
        retryIf: () => {
          throw new TypeError("no code");
        },
        handle: (item) => {
          if (item === "bad") throw new Error("failed");
          return item;
        },
      },
      { logger },
    );
    await expect(queue.add("bad")).rejects.toThrow("failed");
    await expect(queue.add("good")).resolves.toBe("good");
    expect(logger.messages("error")).toEqual(["retryIf of the WorkQueue threw: taken for no"]);
  });

  it("gives up after the last, with its error, and keeps a dead letter", async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<string>(
      {
        attempts: 2,
        backoff: { initial: 0 },
        handle: (_item, { attempt }) => {
          throw new Error(`attempt ${attempt}`);
        },
      },
      { clock },
    );
    const added = queue.add("x", { key: "k", priority: 3 });
    const failed = added.catch((error: Error) => error.message);
    await clock.advance(0);
    expect(await failed).toBe("attempt 2");
    expect(queue.deadLetters()).toEqual([
      {
        item: "x",
        key: "k",
        priority: 3,
        error: expect.objectContaining({ message: "attempt 2" }),
        attempts: 2,
        failedAt: clock.now(),
      },
    ]);
  });

  it("does not try again what the error says is pointless, or what retryIf refuses", async () => {
    let calls = 0;
    const failing = (error: Error) => () => {
      calls += 1;
      throw error;
    };
    const final = Object.assign(new Error("final"), { retryable: false });
    const one = new WorkQueue<string>({ attempts: 5, handle: failing(final) });
    await expect(one.add("x")).rejects.toBe(final);
    const two = new WorkQueue<string>({
      attempts: 5,
      retryIf: () => false,
      handle: failing(new Error("x")),
    });
    await expect(two.add("x")).rejects.toThrow("x");
    expect(calls).toBe(2);
  });

  it("waits for as long as the error asks, and gives up when that is longer than backoff.max", async () => {
    const clock = new ManualClock();
    let calls = 0;
    let retryAfterMs = 5000;
    const queue = new WorkQueue<string, string>(
      {
        attempts: 2,
        backoff: { initial: 0, max: "10s" },
        handle: () => {
          calls += 1;
          if (calls % 2 === 1) throw Object.assign(new Error("slow down"), { retryAfterMs });
          return "done";
        },
      },
      { clock },
    );
    const added = queue.add("x");
    await clock.advance(4999);
    expect(calls).toBe(1);
    await clock.advance(1);
    expect(await added).toBe("done");
    retryAfterMs = 10_001;
    await expect(queue.add("y")).rejects.toThrow("slow down");
  });

  it("a retry budget that is used up ends it", async () => {
    const clock = new ManualClock();
    let calls = 0;
    const queue = new WorkQueue<string>(
      {
        attempts: 100,
        backoff: { initial: 0 },
        retryBudget: new RetryBudget({ ratio: 0, reserve: 3 }),
        handle: () => {
          calls += 1;
          throw new Error("down");
        },
      },
      { clock },
    );
    const added = queue.add("x").catch((error: Error) => error.message);
    await clock.advance(0);
    expect(await added).toBe("down");
    expect(calls).toBe(4);
  });

  it("timeout aborts the attempt, which may be tried again", async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const queue = new WorkQueue<string, string>(
      {
        timeout: "1s",
        attempts: 2,
        backoff: { initial: 0 },
        handle: (_item, { signal, attempt }) => {
          signals.push(signal);
          return attempt === 1 ? new Promise(() => {}) : "done";
        },
      },
      { clock },
    );
    const added = queue.add("x");
    await clock.advance(1000);
    expect(await added).toBe("done");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    const once = new WorkQueue<string>(
      { timeout: "1s", handle: () => new Promise(() => {}) },
      { clock },
    );
    const late = once.add("x").catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await late).toMatchObject({
      code: "ERR_QUEUE_TIMEOUT",
      details: { timeoutMs: 1000 },
      message: "an operation of the WorkQueue took longer than 1000 ms (timeout)",
    });
  });
});

describe("WorkQueue dead letters", () => {
  it("keeps so many, and forgets the oldest", async () => {
    const queue = new WorkQueue<number>({
      maxDeadLetters: 2,
      handle: () => {
        throw new Error("no");
      },
    });
    await Promise.allSettled([1, 2, 3].map((item) => queue.add(item)));
    expect(queue.deadLetters().map(({ item }) => item)).toEqual([2, 3]);
    expect(queue.stats()).toMatchObject({ failed: 3, deadLetters: 2 });
    expect(queue.discardDeadLetters(({ item }) => item === 2)).toBe(1);
    expect(queue.deadLetters().map(({ item }) => item)).toEqual([3]);
  });

  it("retryDeadLetters() adds them again, and leaves what finds no room", async () => {
    let isBroken = true;
    const done: number[] = [];
    const queue = new WorkQueue<number>({
      maxWaiting: 2,
      handle: (item) => {
        if (isBroken) throw new Error("no");
        done.push(item);
      },
    });
    for (const item of [1, 2, 3]) await queue.add(item).catch(() => {});
    isBroken = false;
    queue.pause();
    expect(await queue.retryDeadLetters()).toBe(2);
    expect(queue.deadLetters().map(({ item }) => item)).toEqual([3]);
    queue.resume();
    await queue.onIdle();
    expect(done).toEqual([1, 2]);
  });

  it("an item that nobody waits for fails into the dead letters, and nowhere else", async () => {
    const queue = new WorkQueue<number>({
      handle: () => {
        throw new Error("no");
      },
    });
    await queue.enqueue(1);
    await queue.onIdle();
    // an unhandled rejection would end the test run
    await settle();
    expect(queue.deadLetters()).toMatchObject([{ item: 1, attempts: 1 }]);
  });
});
