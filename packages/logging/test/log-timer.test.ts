import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { recordedLogger } from "./recorded-logger.js";

function make() {
  const clock = new ManualClock();
  return { clock, ...recordedLogger({ level: "debug" }, { clock }) };
}

describe("LoggerService.timer()", () => {
  it("logs how long it took, once", async () => {
    const { logger, recorder, clock } = make();
    const timer = logger.timer("import", { level: "debug" });
    await clock.advance(12.3456);
    expect(timer.done({ rows: 2 })).toBe(12.346);
    await clock.advance(10);
    expect(timer.done()).toBe(12.346);
    expect(recorder.entries).toMatchObject([
      { level: "debug", message: "import", meta: { rows: 2, elapsedMs: 12.346 } },
    ]);
  });

  it("warns when it was slow, and leaves an error an error", async () => {
    const { logger, recorder, clock } = make();
    {
      using timer = logger.timer("a", { slow: "1s" });
      await clock.advance(1000);
      expect(timer).toBeDefined();
    }
    const timer = logger.timer("b", { level: "error", slow: 1 });
    await clock.advance(2);
    timer.done();
    expect(recorder.entries).toMatchObject([
      { level: "warn", message: "a", meta: { elapsedMs: 1000, slow: true } },
      { level: "error", message: "b", meta: { slow: true } },
    ]);
  });

  it("refuses wrong options", () => {
    const { logger } = make();
    expect(() => logger.timer("a", { level: "loud" as never })).toThrow('got "loud"');
    expect(() => logger.timer("a", { slow: "soon" as never })).toThrow("timer: slow");
  });
});
