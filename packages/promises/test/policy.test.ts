import { UnavailableError } from "@infra/errors";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import {
  CircuitBreaker,
  combine,
  hedgePolicy,
  retryPolicy,
  Semaphore,
  timeoutPolicy,
  withFallback,
} from "../src/index.js";
import { hangs, listenersOf } from "./watch.js";

async function fail(): Promise<string> {
  throw new UnavailableError("down");
}

describe("combine()", () => {
  it("puts the first policy outermost", async () => {
    const clock = new ManualClock(0);
    const breaker = new CircuitBreaker({ clock });
    const policy = combine(
      retryPolicy({ attempts: 3, clock, random: () => 0 }),
      breaker,
      timeoutPolicy("2s", { clock }),
    );
    let calls = 0;
    const result = policy.run((context) => (++calls < 3 ? hangs(context) : `call ${calls}`));
    await clock.advance(5000);
    expect(await result).toBe("call 3");
    expect(breaker.stats()).toMatchObject({ failures: 2, successes: 1 });
    expect(clock.pending).toBe(0);
  });

  it("hands the caller's signal all the way down, and leaves no listener on it", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const policy = combine(
      new Semaphore({ permits: 1 }),
      retryPolicy({ clock }),
      hedgePolicy({ delay: "1s", clock }),
      timeoutPolicy("2s", { clock }),
    );
    let reason: unknown;
    const result = policy.run(
      (context) => {
        context.signal.addEventListener("abort", () => (reason = context.signal.reason));
        return hangs(context);
      },
      { signal: controller.signal },
    );
    result.catch(() => {});
    await clock.advance(10);
    const why = new Error("the client left");
    controller.abort(why);
    await expect(result).rejects.toBe(why);
    expect([reason, clock.pending, listenersOf(controller.signal)]).toEqual([why, 0, 0]);
  });

  it("of nothing runs the work", async () => {
    expect(await combine().run(() => 7)).toBe(7);
  });
});

describe("withFallback()", () => {
  it("gives what the fallback makes of the error", async () => {
    expect(await withFallback(fail, (error) => `stale: ${(error as Error).message}`)).toBe(
      "stale: down",
    );
    expect(
      await withFallback(
        () => "fresh",
        () => "stale",
      ),
    ).toBe("fresh");
  });

  it("answers for an open breaker of a combined policy, without a call", async () => {
    const clock = new ManualClock(0);
    const breaker = new CircuitBreaker({ clock });
    const policy = combine(breaker, timeoutPolicy("2s", { clock }));
    let calls = 0;
    const ask = () =>
      withFallback(
        () =>
          policy.run(async () => {
            calls++;
            return fail();
          }),
        () => "stale",
      );
    while (breaker.state === "closed") expect(await ask()).toBe("stale");
    const tried = calls;
    expect([await ask(), calls, breaker.state]).toEqual(["stale", tried, "open"]);
  });

  it("does not fall back where it is told not to, nor when the caller has left", async () => {
    await expect(withFallback(fail, () => 1, { fallbackIf: () => false })).rejects.toThrow("down");
    const controller = new AbortController();
    const left = withFallback(
      () => {
        controller.abort();
        throw new UnavailableError("cut");
      },
      () => 1,
      { signal: controller.signal },
    );
    await expect(left).rejects.toThrow("cut");
  });
});
