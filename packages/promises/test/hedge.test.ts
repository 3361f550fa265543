import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, hedge } from "../src/index.js";
import { hangs, listenersOf, surfaceRejections } from "./watch.js";

describe("hedge()", () => {
  it("starts another attempt when the first is slow, takes the first success and aborts the rest", async () => {
    const clock = new ManualClock(0);
    const signals: AbortSignal[] = [];
    const gate = deferred<string>();
    const result = hedge(
      (context) => {
        signals.push(context.signal);
        return signals.length === 2 ? gate.promise : hangs(context);
      },
      { delay: "50ms", attempts: 3, clock },
    );
    await clock.advance(49);
    expect(signals).toHaveLength(1);
    await clock.advance(1);
    expect(signals).toHaveLength(2);
    gate.resolve("second");
    expect(await result).toBe("second");
    // the winner's result may still hang on its signal
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(clock.pending).toBe(0);
    await surfaceRejections();
  });

  it("starts the next at once when one fails", async () => {
    const clock = new ManualClock(0);
    let calls = 0;
    const work = (): string => {
      if (++calls < 3) throw new Error("no");
      return `call ${calls}`;
    };
    expect(await hedge(work, { delay: "50ms", attempts: 3, clock })).toBe("call 3");
    expect(clock.pending).toBe(0);
  });

  it("gives all errors in the order of the attempts, whichever came first", async () => {
    const clock = new ManualClock(0);
    const gates = [deferred<never>(), deferred<never>()];
    let at = 0;
    const result = hedge(() => gates[at++]!.promise, { delay: "50ms", clock });
    result.catch(() => {});
    await clock.advance(50);
    gates[1]!.reject(new Error("second"));
    await clock.advance(0);
    gates[0]!.reject(new Error("first"));
    await expect(result).rejects.toMatchObject({
      message: "all 2 attempts failed",
      errors: [{ message: "first" }, { message: "second" }],
    });
  });

  it("ends with the signal's reason, and leaves neither timer nor listener", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const result = hedge(hangs, { delay: "50ms", clock, signal: controller.signal });
    result.catch(() => {});
    await clock.advance(50);
    controller.abort(new Error("the client left"));
    await expect(result).rejects.toThrow("the client left");
    await surfaceRejections();
    expect([clock.pending, listenersOf(controller.signal)]).toEqual([0, 0]);
  });
});
