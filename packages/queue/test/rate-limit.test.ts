import { fc } from "@infra/jest-preset/fast-check";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { SlidingWindow, TokenBucket, WorkQueue } from "../src/index.js";

/** The most of these times that lie in any window of this length. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while (times[to]! - times[from]! >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

describe("SlidingWindow", () => {
  it("Trap: in no window are there more than the limit, wherever it begins", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat({ max: 300 }), { minLength: 50, maxLength: 200 }),
        (limit, gaps) => {
          const window = new SlidingWindow({ limit, window: "1s" });
          const begun: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap / 7;
            if (window.take(nowMs) === 0) begun.push(nowMs);
          }
          expect(mostWithin(begun, 1000)).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it("says when to come back, and then there is a turn", () => {
    const window = new SlidingWindow({ limit: 2, window: "1s" });
    expect([window.take(0), window.take(400)]).toEqual([0, 0]);
    expect(window.take(500)).toBe(500);
    expect(window.take(999)).toBe(1);
    expect(window.take(1000)).toBe(0);
    expect(window.take(1000)).toBe(400);
  });

  it("remembers as many as the limit says, however many that are", () => {
    const window = new SlidingWindow({ limit: 1000, window: 1000 });
    for (let at = 0; at < 5000; at++) expect(window.take(at)).toBe(0);
    expect(window.take(4999)).toBe(1);
  });

  it("refuses what is no limit", () => {
    expect(() => new SlidingWindow({ limit: 0, window: "1s" })).toThrow(
      "SlidingWindow: limit must be a whole number from 1 to 10000000, got 0",
    );
    expect(() => new SlidingWindow({ limit: 1, window: 0 })).toThrow(
      "SlidingWindow: window must be above 0, got 0",
    );
  });
});

describe("TokenBucket", () => {
  it("lets a burst through, then an even flow, and saves up no more than the burst", () => {
    const bucket = new TokenBucket({ limit: 10, window: "1s", burst: 3 });
    expect([1, 2, 3].map(() => bucket.take(0))).toEqual([0, 0, 0]);
    expect(bucket.take(0)).toBeCloseTo(100);
    expect(bucket.take(100)).toBe(0);
    expect(bucket.take(150)).toBeCloseTo(50);
    expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([0, 0, 0]);
    expect(bucket.take(60_000)).toBeCloseTo(100);
  });

  it("gives what flows in, to the token", () => {
    const bucket = new TokenBucket({ limit: 3, window: "1s", burst: 1 });
    let taken = 0;
    for (let nowMs = 0; nowMs < 100_000; nowMs++) if (bucket.take(nowMs) === 0) taken++;
    // one each 333.3 ms, by a clock of whole milliseconds
    expect(taken).toBe(300);
  });

  it("refuses what is no bucket", () => {
    expect(() => new TokenBucket({ limit: 1.5, window: "1s" })).toThrow(
      "TokenBucket: limit must be a whole number >= 1, got 1.5",
    );
    expect(() => new TokenBucket({ limit: 1, window: "1s", burst: 0 })).toThrow("burst");
  });
});

describe("rateLimit of a queue", () => {
  it("lets no more than the limit begin in any window, and wastes no time", async () => {
    const clock = new ManualClock();
    const begun: number[] = [];
    const queue = new WorkQueue<number>(
      {
        concurrency: 50,
        rateLimit: { limit: 100, window: "1s" },
        handle: () => void begun.push(clock.monotonic()),
      },
      { clock },
    );
    for (let item = 0; item < 350; item++) void queue.add(item);
    await clock.advance(5000);
    expect(begun).toHaveLength(350);
    expect(mostWithin(begun, 1000)).toBe(100);
    expect(begun.at(-1)).toBe(3000);
    expect(clock.pending).toBe(0);
  });

  it("100 a second, by the real clock: at most 101 in any sliding second", async () => {
    const begun: number[] = [];
    const queue = new WorkQueue<number>({
      rateLimit: { limit: 100, window: "1s" },
      handle: () => void begun.push(performance.now()),
    });
    await Promise.all(Array.from({ length: 250 }, (_, item) => queue.add(item)));
    expect(mostWithin(begun, 1000)).toBeLessThanOrEqual(101);
    expect(begun.at(-1)! - begun[0]!).toBeLessThan(4000);
  });

  it("counts attempts, and is shared by the queues that are given one limiter", async () => {
    const clock = new ManualClock();
    const rateLimit = new SlidingWindow({ limit: 2, window: "1s" });
    const begun: string[] = [];
    const options = {
      rateLimit,
      attempts: 2,
      backoff: { initial: 0 },
      handle: (item: string) => {
        begun.push(`${item} at ${clock.monotonic()}`);
        if (item === "bad") throw new Error("bad");
      },
    } as const;
    const one = new WorkQueue<string>(options, { clock });
    const two = new WorkQueue<string>(options, { clock });
    const bad = one.add("bad").catch((error: Error) => error.message);
    void two.add("good");
    await clock.advance(3000);
    expect(await bad).toBe("bad");
    expect(begun).toEqual(["bad at 0", "good at 0", "bad at 1000"]);
  });

  it("takes a token bucket when there is a burst", async () => {
    const clock = new ManualClock();
    const begun: number[] = [];
    const queue = new WorkQueue<number>(
      {
        rateLimit: { limit: 10, window: "1s", burst: 2 },
        handle: () => void begun.push(clock.monotonic()),
      },
      { clock },
    );
    for (let item = 0; item < 5; item++) void queue.add(item);
    await clock.advance(1000);
    expect(begun).toEqual([0, 0, 100, 200, 300]);
  });

  it("an urgent item that comes while the limit holds goes first", async () => {
    const clock = new ManualClock();
    const begun: string[] = [];
    const queue = new WorkQueue<string>(
      { rateLimit: { limit: 1, window: "1s" }, handle: (item) => void begun.push(item) },
      { clock },
    );
    for (const item of ["a", "b", "c"]) void queue.add(item);
    void queue.add("urgent", { priority: 1 });
    await clock.advance(5000);
    expect(begun).toEqual(["a", "urgent", "b", "c"]);
  });

  it("a stopped queue does not wait for it", async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<number>(
      { rateLimit: { limit: 1, window: "1h" }, handle: () => {} },
      { clock },
    );
    await queue.add(1);
    const second = queue.add(2).catch((error: { code: string }) => error.code);
    await queue.drain({ timeout: 0 });
    expect(await second).toBe("ERR_QUEUE_STOPPED");
    expect(clock.pending).toBe(0);
  });
});
