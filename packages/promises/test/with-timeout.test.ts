import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { TimedOutError, withTimeout } from "../src/index.js";
import { hangs, listenersOf, surfaceRejections } from "./watch.js";

describe("withTimeout()", () => {
  it("gives the work's result, and clears its timer", async () => {
    const clock = new ManualClock(0);
    expect(await withTimeout(() => "done", { timeout: "5s", clock })).toBe("done");
    expect(clock.pending).toBe(0);
  });

  it("gives the work's error, also when it is thrown synchronously", async () => {
    const clock = new ManualClock(0);
    const failing = withTimeout(
      () => {
        throw new Error("at once");
      },
      { timeout: "5s", clock },
    );
    await expect(failing).rejects.toThrow("at once");
    expect(clock.pending).toBe(0);
  });

  it("aborts the work when the time is over, not only the wait", async () => {
    const clock = new ManualClock(0);
    let signal!: AbortSignal;
    const late = withTimeout(
      (context) => {
        signal = context.signal;
        return hangs(context);
      },
      { timeout: "5s", clock, name: "reading rates" },
    );
    late.catch(() => {});
    await clock.advance(5000);
    const error: unknown = await late.catch((thrown: unknown) => thrown);
    expect(TimedOutError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "ERR_PROMISES_TIMEOUT",
      message: "reading rates took longer than 5000 ms",
      details: { timeoutMs: 5000 },
    });
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(error);
  });

  it("rejects at once when the time is over, though the work does not listen", async () => {
    const clock = new ManualClock(0);
    const late = withTimeout(() => new Promise<never>(() => {}), { timeout: "5s", clock });
    late.catch(() => {});
    await clock.advance(5000);
    await expect(late).rejects.toThrow("work took longer than 5000 ms");
  });

  it("leaves no unhandled rejection when the loser fails late", async () => {
    const clock = new ManualClock(0);
    const late = withTimeout(hangs, { timeout: "5s", clock });
    late.catch(() => {});
    await clock.advance(5000);
    await surfaceRejections();
    await expect(late).rejects.toThrow("work took longer");
  });

  it("aborts the work with the reason of the caller's signal", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    let reason: unknown;
    const work = withTimeout(
      (context) => {
        context.signal.addEventListener("abort", () => (reason = context.signal.reason));
        return hangs(context);
      },
      { timeout: "5s", clock, signal: controller.signal },
    );
    const why = new Error("the client left");
    controller.abort(why);
    await expect(work).rejects.toBe(why);
    expect(reason).toBe(why);
    expect(clock.pending).toBe(0);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it("does not begin when the signal has aborted before", async () => {
    let begun = false;
    const work = withTimeout(() => (begun = true), {
      timeout: "5s",
      signal: AbortSignal.abort(new Error("gone")),
    });
    await expect(work).rejects.toThrow("gone");
    expect(begun).toBe(false);
  });

  it("leaves no listener on a signal that outlives many calls", async () => {
    const { signal } = new AbortController();
    for (let call = 0; call < 50; call++) await withTimeout(() => call, { timeout: "5s", signal });
    expect(listenersOf(signal)).toBe(0);
  });

  it("rejects with an error of the caller's own", async () => {
    const clock = new ManualClock(0);
    const late = withTimeout(hangs, {
      timeout: "5s",
      clock,
      error: (timeoutMs) => new Error(`hook cut after ${timeoutMs}`),
    });
    late.catch(() => {});
    await clock.advance(5000);
    await expect(late).rejects.toThrow("hook cut after 5000");
  });

  it("never times out after Infinity", async () => {
    expect(await withTimeout(async () => 7, { timeout: Infinity })).toBe(7);
  });
});
