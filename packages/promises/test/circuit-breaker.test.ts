import { NotFoundError, UnavailableError } from "@infra/errors";
import { ManualClock } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import {
  CircuitBreaker,
  CircuitOpenError,
  deferred,
  retry,
  type CircuitBreakerOptions,
  type CircuitEvent,
  type CircuitSnapshot,
} from "../src/index.js";
import { listenersOf } from "./watch.js";

function down(): never {
  throw new UnavailableError("down");
}

function make(options: CircuitBreakerOptions = {}) {
  const clock = new ManualClock(0);
  const breaker = new CircuitBreaker({ name: "rates", clock, ...options });
  const events: CircuitEvent[] = [];
  breaker.subscribe((event) => events.push(event));
  return {
    clock,
    breaker,
    changes: () => events.map(({ from, to }) => `${from} > ${to}`),
    events,
    fail: async (times = 1) => {
      for (let call = 0; call < times; call++) await breaker.run(down).catch(() => {});
    },
    succeed: async (times = 1) => {
      for (let call = 0; call < times; call++) await breaker.run(() => call);
    },
  };
}

describe("CircuitBreaker", () => {
  it("opens after failures in a row, and then does not call", async () => {
    const { breaker, fail, succeed, events } = make();
    await fail(4);
    await succeed();
    await fail(4);
    expect(breaker.state).toBe("closed");
    await fail();
    expect(breaker.state).toBe("open");
    let called = false;
    const error: unknown = await breaker
      .run(() => (called = true))
      .catch((thrown: unknown) => thrown);
    expect([called, CircuitOpenError.is(error)]).toEqual([false, true]);
    expect(error).toMatchObject({
      code: "ERR_PROMISES_CIRCUIT_OPEN",
      message: "rates is not called while its circuit is open",
      status: 503,
      details: { name: "rates", retryAfterMs: 10_000 },
    });
    expect(events).toMatchObject([
      { name: "rates", from: "closed", to: "open", error: { message: "down" } },
    ]);
    expect(breaker.stats()).toEqual({ state: "open", successes: 1, failures: 9, rejected: 1 });
  });

  it("lets a probe through after its time, and closes when it succeeds", async () => {
    const { breaker, clock, fail, succeed, changes } = make();
    await fail(5);
    await clock.advance(10_000);
    await succeed();
    expect(changes()).toEqual(["closed > open", "open > half-open", "half-open > closed"]);
    await fail(4);
    expect(breaker.state).toBe("closed");
  });

  it("opens again when the probe fails, longer each time with a back-off", async () => {
    const { breaker, clock, fail } = make({
      halfOpenAfter: { initial: "1s", factor: 3, max: "1m", jitter: "none" },
    });
    await fail(5);
    await clock.advance(1000);
    await fail();
    await clock.advance(2999);
    await expect(breaker.run(() => 1)).rejects.toMatchObject({ details: { retryAfterMs: 1 } });
    await clock.advance(1);
    expect(await breaker.run(() => 1)).toBe(1);
  });

  it("lets only so many probes through at once, and closes when all succeed", async () => {
    const { breaker, clock, fail } = make({ probes: 2 });
    await fail(5);
    await clock.advance(10_000);
    const gates = [deferred(), deferred()];
    const probes = gates.map(({ promise }) => breaker.run(() => promise));
    await expect(breaker.run(() => 1)).rejects.toMatchObject({ code: "ERR_PROMISES_CIRCUIT_OPEN" });
    gates[0]!.resolve();
    await probes[0];
    expect(breaker.state).toBe("half-open");
    gates[1]!.resolve();
    await probes[1];
    expect(breaker.state).toBe("closed");
  });

  it("gives a probe that hangs up after as long as it was open", async () => {
    const { breaker, clock, fail, succeed } = make();
    await fail(5);
    await clock.advance(10_000);
    const gate = deferred();
    const hanging = breaker.run(() => gate.promise);
    await clock.advance(9999);
    await expect(breaker.run(() => 1)).rejects.toMatchObject({ details: { retryAfterMs: 1 } });
    await clock.advance(1);
    await succeed();
    expect(breaker.state).toBe("closed");
    gate.reject(new UnavailableError("late"));
    await expect(hanging).rejects.toThrow("late");
    expect(breaker.state).toBe("closed");
  });

  it("does not count calls that began before it opened", async () => {
    const { breaker, clock, fail } = make({ trip: { kind: "consecutive", failures: 1 } });
    const gate = deferred();
    const slow = breaker.run(() => gate.promise);
    await fail();
    await clock.advance(10_000);
    const probe = deferred();
    const probing = breaker.run(() => probe.promise);
    gate.resolve();
    await slow;
    expect(breaker.state).toBe("half-open");
    probe.resolve();
    await probing;
    expect(breaker.state).toBe("closed");
  });

  it("does not count what says nothing about the dependency", async () => {
    const { breaker } = make({ trip: { kind: "consecutive", failures: 1 } });
    const harmless = [new NotFoundError("no note 7"), new TypeError("x is not a function")];
    for (const error of harmless) {
      await expect(breaker.run(async () => Promise.reject(error))).rejects.toBe(error);
    }
    const controller = new AbortController();
    const aborted = breaker.run(
      () => {
        controller.abort(new Error("the client left"));
        throw new UnavailableError("cut");
      },
      { signal: controller.signal },
    );
    await expect(aborted).rejects.toThrow("cut");
    expect(breaker.state).toBe("closed");
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it("gives the place of a probe back that its caller aborted", async () => {
    const { breaker, clock, fail } = make();
    await fail(5);
    await clock.advance(10_000);
    const controller = new AbortController();
    const probe = breaker.run(
      () => {
        controller.abort();
        throw new UnavailableError("cut");
      },
      { signal: controller.signal },
    );
    await expect(probe).rejects.toThrow("cut");
    expect(breaker.state).toBe("half-open");
    expect(await breaker.run(() => 1)).toBe(1);
  });

  it("counts the last calls", async () => {
    const trip = { kind: "count", size: 10, ratio: 0.5, minimum: 4 } as const;
    const { breaker, fail, succeed } = make({ trip });
    await fail(3);
    expect(breaker.state).toBe("closed");
    await fail();
    expect(breaker.state).toBe("open");
    breaker.close();
    await succeed(10);
    await fail(4);
    expect(breaker.state).toBe("closed");
    await fail();
    expect(breaker.state).toBe("open");
  });

  it("counts the calls of the last while", async () => {
    const trip = { kind: "sampling", window: "10s", ratio: 0.5, minimum: 4 } as const;
    const { breaker, clock, fail, succeed } = make({ trip });
    await fail(3);
    await clock.advance(10_000);
    await fail(3);
    await succeed(3);
    expect(breaker.state).toBe("closed");
    await fail();
    expect(breaker.state).toBe("open");
  });

  it("goes on from a snapshot", async () => {
    const { breaker, clock, fail } = make();
    await fail(5);
    await clock.advance(4000);
    const snapshot = JSON.parse(JSON.stringify(breaker.snapshot())) as CircuitSnapshot;
    expect(snapshot).toEqual({ state: "open", retryAt: 10_000, openings: 1 });
    const next = new CircuitBreaker({ clock, snapshot });
    await clock.advance(5999);
    await expect(next.run(() => 1)).rejects.toMatchObject({ details: { retryAfterMs: 1 } });
    await clock.advance(1);
    expect(await next.run(() => 1)).toBe(1);
    expect(next.snapshot()).toEqual({ state: "closed", openings: 0 });
  });

  it("is opened and closed by hand", async () => {
    const { breaker, changes } = make();
    breaker.open();
    await expect(breaker.run(() => 1)).rejects.toMatchObject({ code: "ERR_PROMISES_CIRCUIT_OPEN" });
    breaker.close();
    expect(await breaker.run(() => 1)).toBe(1);
    expect(changes()).toEqual(["closed > open", "open > closed"]);
  });

  it("goes on when a listener throws, and stops telling who left", async () => {
    const { breaker, events } = make({ trip: { kind: "consecutive", failures: 1 } });
    const warn = jest.spyOn(process, "emitWarning").mockReturnValue();
    const leave = breaker.subscribe(() => {
      throw new Error("a listener's own");
    });
    await expect(breaker.run(down)).rejects.toThrow("down");
    leave();
    breaker.close();
    expect(warn.mock.calls).toMatchObject([[{ message: "a listener's own" }]]);
    warn.mockRestore();
    expect(events).toHaveLength(2);
  });

  it("tells retry() when to come back", async () => {
    const { breaker, clock, fail } = make();
    await fail(5);
    const result = retry(() => breaker.run(() => clock.now()), { clock, random: () => 0 });
    await clock.advance(60_000);
    expect(await result).toBe(10_000);
  });

  it.each<[CircuitBreakerOptions, string]>([
    [{ probes: 0 }, "CircuitBreaker: probes must be a whole number >= 1, got 0"],
    [
      { trip: { kind: "count", ratio: 2 } },
      "CircuitBreaker: trip.ratio must be > 0 and <= 1, got 2",
    ],
    [{ trip: { kind: "x" as "count" } }, 'must be "consecutive", "count" or "sampling", got "x"'],
    [{ halfOpenAfter: -1 }, "CircuitBreaker: halfOpenAfter must be milliseconds"],
  ])("refuses %p", (options, message) => {
    expect(() => new CircuitBreaker(options)).toThrow(message);
  });
});
