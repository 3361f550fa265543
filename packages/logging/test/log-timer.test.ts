import { describe, expect, it } from "@jest/globals";

import { LoggerService, LogRecorder } from "../src/index.js";

function make(): { logger: LoggerService; recorder: LogRecorder; pass: (ms: number) => void } {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now, setTimeout: () => () => {} };
  const recorder = new LogRecorder();
  const logger = new LoggerService(
    { console: false, level: "debug", transports: [recorder] },
    { clock },
  );
  return { logger, recorder, pass: (ms) => void (now += ms) };
}

describe("LoggerService.timer()", () => {
  it("logs how long it took, once", () => {
    const { logger, recorder, pass } = make();
    const timer = logger.timer("import", { level: "debug" });
    pass(12.3456);
    expect(timer.done({ rows: 2 })).toBe(12.346);
    pass(10);
    expect(timer.done()).toBe(12.346);
    expect(recorder.entries).toMatchObject([
      { level: "debug", message: "import", meta: { rows: 2, elapsedMs: 12.346 } },
    ]);
  });

  it("warns when it was slow, and leaves an error an error", () => {
    const { logger, recorder, pass } = make();
    {
      using timer = logger.timer("a", { slow: "1s" });
      pass(1000);
      expect(timer).toBeDefined();
    }
    const timer = logger.timer("b", { level: "error", slow: 1 });
    pass(2);
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
