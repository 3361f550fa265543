import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { pollUntil } from "../src/index.js";
import { hangs, listenersOf } from "./watch.js";

describe("pollUntil()", () => {
  it("checks until the answer is truthy, and gives it", async () => {
    const clock = new ManualClock(0);
    const answers = [undefined, 0, "ready"];
    const seen: number[] = [];
    const result = pollUntil(
      ({ attempt }) => {
        seen.push(clock.now());
        return answers[attempt - 1];
      },
      { clock, interval: "1s" },
    );
    await clock.advance(5000);
    expect(await result).toBe("ready");
    expect(seen).toEqual([0, 1000, 2000]);
    expect(clock.pending).toBe(0);
  });

  it("says what it waited for when the time is over", async () => {
    const clock = new ManualClock(0);
    const result = pollUntil(() => false, {
      clock,
      timeout: "1s",
      interval: 400,
      name: "the port",
    });
    result.catch(() => {});
    await clock.advance(1000);
    await expect(result).rejects.toMatchObject({
      code: "ERR_PROMISES_TIMEOUT",
      message: "the port was not met within 1000 ms, in 3 checks",
    });
    expect(clock.pending).toBe(0);
  });

  it("ends a check that hangs, through its signal", async () => {
    const clock = new ManualClock(0);
    const result = pollUntil(hangs, { clock, timeout: "1s" });
    result.catch(() => {});
    await clock.advance(1000);
    await expect(result).rejects.toMatchObject({ code: "ERR_PROMISES_TIMEOUT" });
  });

  it("throws what the check throws, unless told to go on", async () => {
    const clock = new ManualClock(0);
    const refused = new Error("ECONNREFUSED");
    const check = (): never => {
      throw refused;
    };
    await expect(pollUntil(check, { clock })).rejects.toBe(refused);
    const patient = pollUntil(check, { clock, timeout: "1s", retryIf: () => true });
    patient.catch(() => {});
    await clock.advance(1000);
    await expect(patient).rejects.toMatchObject({ code: "ERR_PROMISES_TIMEOUT", cause: refused });
  });

  it("ends with the signal's reason, and leaves neither timer nor listener", async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const result = pollUntil(() => false, { clock, signal: controller.signal });
    result.catch(() => {});
    await clock.advance(100);
    controller.abort(new Error("shutting down"));
    await expect(result).rejects.toThrow("shutting down");
    expect([clock.pending, listenersOf(controller.signal)]).toEqual([0, 0]);
  });
});
