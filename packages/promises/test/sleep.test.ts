import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { sleep } from "../src/index.js";
import { listenersOf } from "./watch.js";

describe("sleep()", () => {
  it("resolves when the time is over", async () => {
    const clock = new ManualClock(0);
    let done = false;
    const sleeping = sleep("1s", { clock }).then(() => (done = true));
    await clock.advance(999);
    expect(done).toBe(false);
    await clock.advance(1);
    await sleeping;
    expect(done).toBe(true);
  });

  it("rejects with the signal's reason, and clears its timer", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const sleeping = sleep("1s", { clock, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });

  it("rejects at once when the signal has aborted before", async () => {
    const clock = new ManualClock(0);
    const sleeping = sleep("1s", { clock, signal: AbortSignal.abort(new Error("too late")) });
    await expect(sleeping).rejects.toThrow("too late");
    expect(clock.pending).toBe(0);
  });

  it("leaves no listener on a signal that outlives it", async () => {
    const { signal } = new AbortController();
    await sleep(0, { signal });
    expect(listenersOf(signal)).toBe(0);
  });

  it("waits for the signal alone when told to wait for ever", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const sleeping = sleep(Infinity, { clock, signal: controller.signal });
    sleeping.catch(() => {});
    await clock.advance(365 * 86_400_000);
    controller.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });

  it("refuses what is no duration", async () => {
    await expect(sleep(-1)).rejects.toThrow(
      new RangeError(
        'sleep: delay must be milliseconds or a string such as "250ms", "30s", "5m", "2h", "7d", "1w"; got -1',
      ),
    );
  });
});
