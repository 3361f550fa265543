import { describe, expect, it } from "@jest/globals";

import { ManualClock, settle } from "../src/index.js";

describe("ManualClock", () => {
  it("now() and monotonic() stand still until advance(), each with an origin of its own", async () => {
    const clock = new ManualClock(1_000_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_000, 0]);
    await clock.advance(1_500);
    expect([clock.now(), clock.monotonic()]).toEqual([1_001_500, 1_500]);
    expect(new Date(new ManualClock().now()).toISOString()).toBe("2030-01-01T00:00:00.000Z");
  });

  it("set() moves now() alone, forward and back", async () => {
    const clock = new ManualClock(1_000);
    let calls = 0;
    clock.setTimeout(() => (calls += 1), 100);
    await clock.advance(50);
    clock.set(9_000);
    expect([clock.now(), clock.monotonic(), calls]).toEqual([9_000, 50, 0]);
    await clock.advance(50);
    expect([clock.now(), clock.monotonic(), calls]).toEqual([9_050, 100, 1]);
    clock.set(0);
    expect(clock.now()).toBe(0);
    expect(() => clock.set(NaN)).toThrow("got NaN");
  });

  it("advance() calls what falls due, in the order of the times, then of the calls", async () => {
    const clock = new ManualClock(0);
    const calls: [string, number][] = [];
    const note = (name: string) => (): void => void calls.push([name, clock.now()]);
    clock.setTimeout(note("later"), 20);
    clock.setTimeout(note("first"), 10);
    clock.setTimeout(note("second"), 10);
    clock.setTimeout(note("never"), Number.POSITIVE_INFINITY);
    clock.setTimeout(note("after the end"), 26);
    await clock.advance(25);
    expect(calls).toEqual([
      ["first", 10],
      ["second", 10],
      ["later", 20],
    ]);
    expect([clock.now(), clock.pending]).toEqual([25, 2]);
  });

  it("advance() calls what is set while it moves on, by a callback or what follows from one", async () => {
    const clock = new ManualClock(0);
    const calls: number[] = [];
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const done = (async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await sleep(10);
        calls.push(clock.now());
      }
    })();
    await clock.advance(30);
    await done;
    expect(calls).toEqual([10, 20, 30]);
  });

  it("what setTimeout() returns takes the call back, also after it was made", async () => {
    const clock = new ManualClock();
    let calls = 0;
    const cancel = clock.setTimeout(() => (calls += 1), 10);
    const made = clock.setTimeout(() => (calls += 1), -5);
    await clock.advance(0);
    expect([calls, clock.pending]).toEqual([1, 1]);
    made();
    cancel();
    await clock.advance(100);
    expect([calls, clock.pending]).toEqual([1, 0]);
  });

  it("advance() refuses what is no time", async () => {
    const clock = new ManualClock();
    for (const byMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(clock.advance(byMs)).rejects.toThrow(`got ${byMs}`);
    }
  });
});

describe("settle()", () => {
  it("resolves after promises that wait for promises", async () => {
    let settled = false;
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      settled = true;
    })();
    await settle();
    expect(settled).toBe(true);
  });
});
