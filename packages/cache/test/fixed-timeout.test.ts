import { deferred, TimedOutError } from "@infra/promises";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { FixedTimeout } from "../src/fixed-timeout.js";

describe("FixedTimeout", () => {
  it("gives up each call at its own time, however many have settled before and after it", async () => {
    const clock = new ManualClock();
    const timeout = new FixedTimeout(100, clock);
    const settleMany = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 1_000 }, (_, at) => timeout.limit(Promise.resolve(at))));
    const outcomes: string[] = [];
    const hang = (name: string): void => {
      timeout.limit(deferred().promise).catch((error: unknown) => {
        outcomes.push(TimedOutError.is(error) ? name : String(error));
      });
    };
    await settleMany();
    hang("first");
    await settleMany();
    await clock.advance(60);
    hang("second");
    await settleMany();
    await clock.advance(40);
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual(["first"]);
    await clock.advance(60);
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcomes).toEqual(["first", "second"]);
  });
});
