import { NotFoundError, RateLimitedError, UnavailableError } from "@infra/errors";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { isRetryable, retry, RetryBudget, type RetryEvent } from "../src/index.js";
import { listenersOf } from "./watch.js";

function failing(times: number, error: unknown = new Error("flaky")) {
  let calls = 0;
  const work = (): string => {
    if (++calls <= times) throw error;
    return `call ${calls}`;
  };
  return Object.assign(work, { calls: () => calls });
}

/** Runs the clock until the promise has settled. */
async function settled<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await clock.advance(3_600_000);
  return await promise;
}

describe("retry()", () => {
  it("gives the first result, and says which attempt it is", async () => {
    const clock = new ManualClock(0);
    const attempts: number[] = [];
    const result = retry(
      ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("flaky");
        return "done";
      },
      { clock },
    );
    expect(await settled(clock, result)).toBe("done");
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("throws the last error as it is when the attempts are used up", async () => {
    const clock = new ManualClock(0);
    const error = new UnavailableError("down");
    const work = failing(9, error);
    await expect(settled(clock, retry(work, { clock, attempts: 4 }))).rejects.toBe(error);
    expect(work.calls()).toBe(4);
  });

  it("waits a random part of an exponentially growing time", async () => {
    const clock = new ManualClock(0);
    const delays: number[] = [];
    const result = retry(failing(4), {
      clock,
      attempts: 5,
      backoff: { initial: "1s", factor: 3, max: "10s" },
      random: () => 0.5,
      onRetry: ({ delayMs }) => void delays.push(delayMs),
    });
    await settled(clock, result);
    expect(delays).toEqual([500, 1500, 4500, 5000]);
  });

  it("does not retry what says that it is not retryable", async () => {
    const work = failing(9, new NotFoundError("no note 7"));
    await expect(retry(work)).rejects.toThrow("no note 7");
    expect(work.calls()).toBe(1);
  });

  it("never waits less than the error asks for", async () => {
    const clock = new ManualClock(0);
    const events: RetryEvent[] = [];
    const error = new RateLimitedError("slow down", { retryAfterMs: 7000 });
    const result = retry(failing(1, error), {
      clock,
      random: () => 0.5,
      onRetry: (event) => void events.push(event),
    });
    expect(await settled(clock, result)).toBe("call 2");
    expect(events).toEqual([{ error, attempt: 1, delayMs: 7050 }]);
  });

  it("gives up at once when the error asks for more than the longest wait", async () => {
    const work = failing(1, new RateLimitedError("slow down", { retryAfterMs: 31_000 }));
    await expect(retry(work)).rejects.toThrow("slow down");
    expect(work.calls()).toBe(1);
  });

  it("asks retryIf in place of the error", async () => {
    const clock = new ManualClock(0);
    const work = failing(1, new NotFoundError("not yet replicated"));
    expect(await settled(clock, retry(work, { clock, retryIf: () => true }))).toBe("call 2");
  });

  it("stops waiting when the signal aborts, and leaves neither timer nor listener", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const work = failing(9);
    const result = retry(work, { clock, signal: controller.signal });
    result.catch(() => {});
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    controller.abort(new Error("shutting down"));
    await expect(result).rejects.toThrow("shutting down");
    expect([work.calls(), clock.pending, listenersOf(controller.signal)]).toEqual([1, 0, 0]);
  });

  it("hands the signal to the work, and does not retry what it aborted", async () => {
    const controller = new AbortController();
    let calls = 0;
    const result = retry(
      ({ signal }) => {
        calls++;
        controller.abort(new Error("enough"));
        signal.throwIfAborted();
      },
      { signal: controller.signal },
    );
    await expect(result).rejects.toThrow("enough");
    expect(calls).toBe(1);
  });

  it("stops when the budget that many share is used up", async () => {
    const clock = new ManualClock(0);
    const budget = new RetryBudget({ ratio: 0.1, reserve: 3 });
    let calls = 0;
    const work = (): never => {
      calls++;
      throw new Error("down");
    };
    const all = Array.from({ length: 10 }, async () => {
      await retry(work, { clock, budget }).catch(() => {});
    });
    await clock.advance(3_600_000);
    await Promise.all(all);
    expect(calls).toBe(13);
    expect(budget.available).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %p attempts", async (attempts) => {
    await expect(retry(() => 1, { attempts })).rejects.toThrow(
      new RangeError(`retry: attempts must be a whole number >= 1, got ${attempts}`),
    );
  });
});

describe("isRetryable()", () => {
  it.each([
    [new UnavailableError("x"), true],
    [new NotFoundError("x"), false],
    [new Error("ECONNRESET"), true],
    [new TypeError("x is not a function"), false],
    [new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }), true],
    [new DOMException("aborted", "AbortError"), false],
    ["text", true],
  ])("%p: %p", (error, expected) => {
    expect(isRetryable(error)).toBe(expected);
  });
});
