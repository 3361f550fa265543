import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { Deadline } from "../src/index.js";
import { hangs, listenersOf } from "./watch.js";

describe("Deadline", () => {
  it("says how much time is left", async () => {
    const clock = new ManualClock(0);
    const deadline = new Deadline("10s", { clock });
    await clock.advance(4000);
    expect([deadline.remainingMs, deadline.expired]).toEqual([6000, false]);
    await clock.advance(7000);
    expect([deadline.remainingMs, deadline.expired]).toEqual([0, true]);
    expect(() => deadline.throwIfExpired()).toThrow("the deadline of 10000 ms has passed");
  });

  it("costs no timer and no listener before somebody asks for the signal", () => {
    const clock = new ManualClock(0);
    const { signal } = new AbortController();
    const deadline = new Deadline("10s", { clock, signal });
    expect([clock.pending, listenersOf(signal)]).toEqual([0, 0]);
    expect(deadline.signal.aborted).toBe(false);
    expect([clock.pending, listenersOf(signal)]).toEqual([1, 1]);
    deadline[Symbol.dispose]();
    expect([clock.pending, listenersOf(signal)]).toEqual([0, 0]);
  });

  it("aborts its signal when the time is over, and lets go of the others", async () => {
    const clock = new ManualClock(0);
    const { signal } = new AbortController();
    const deadline = new Deadline("10s", { clock, signal });
    const mine = deadline.signal;
    await clock.advance(10_000);
    expect(mine.reason).toMatchObject({ code: "ERR_PROMISES_TIMEOUT" });
    expect(listenersOf(signal)).toBe(0);
  });

  it("has an aborted signal when it is asked too late", async () => {
    const clock = new ManualClock(0);
    const deadline = new Deadline("10s", { clock });
    await clock.advance(10_000);
    expect(deadline.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("ends with the first of several signals, with its reason", () => {
    const clock = new ManualClock(0);
    const [client, shutdown] = [new AbortController(), new AbortController()];
    const deadline = new Deadline("10s", { clock, signal: [client.signal, shutdown.signal] });
    const mine = deadline.signal;
    const why = new Error("shutting down");
    shutdown.abort(why);
    expect([mine.aborted, mine.reason, deadline.remainingMs]).toEqual([true, why, 0]);
    expect(() => deadline.throwIfExpired()).toThrow(why);
    expect([clock.pending, listenersOf(client.signal)]).toEqual([0, 0]);
  });

  it("within() is the shorter of the two", async () => {
    const clock = new ManualClock(0);
    using deadline = new Deadline("10s", { clock });
    await clock.advance(8000);
    using inner = deadline.within("5s");
    expect(inner.remainingMs).toBe(2000);
    expect(deadline.within("1s").remainingMs).toBe(1000);
  });

  it("run() aborts the work when the time is over", async () => {
    const clock = new ManualClock(0);
    const deadline = new Deadline("10s", { clock });
    const work = deadline.run(hangs);
    work.catch(() => {});
    await clock.advance(10_000);
    await expect(work).rejects.toMatchObject({ code: "ERR_PROMISES_TIMEOUT" });
    await expect(deadline.run(() => 1)).rejects.toMatchObject({ code: "ERR_PROMISES_TIMEOUT" });
    expect(clock.pending).toBe(0);
  });

  it("run() leaves no listener and no timer behind", async () => {
    const clock = new ManualClock(0);
    const { signal } = new AbortController();
    const deadline = new Deadline("10s", { clock, signal });
    expect(await deadline.run(() => 1)).toBe(1);
    expect([clock.pending, listenersOf(signal)]).toEqual([0, 0]);
  });
});
