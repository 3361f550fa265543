import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { withContext, type LoggerOptions } from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

function make(options: LoggerOptions, random: () => number = Math.random) {
  const clock = new ManualClock(0);
  return { clock, ...recordedLogger(options, { clock, random }) };
}

/** What three lines in each of a thousand requests come to. */
const written = (name: string): string[] => {
  const { logger, recorder } = make({ sampling: ["*=0.3"] });
  for (let at = 0; at < 1000; at++) {
    withContext({ [name]: `request ${at}` }, () => {
      for (let line = 0; line < 3; line++) logger.info(String(at));
    });
  }
  return [...recorder.messages];
};

describe("LoggerService sampling", () => {
  it("writes a share of a category and those below it, and every warning", () => {
    const draws = [0.05, 0.5, 0.09, 0.1];
    const { logger, recorder } = make({ sampling: ["http=0.1"] }, () => draws.shift()!);
    const http = logger.child({ category: "http.access" });
    for (let at = 1; at <= 4; at++) http.info(String(at));
    http.warn("warning");
    logger.info("elsewhere");
    expect(recorder.messages).toEqual(["1", "3", "warning", "elsewhere"]);
    expect(logger.stats().sampled).toBe(2);
  });

  it("has a share for all the others", () => {
    const { logger, recorder } = make({ sampling: ["*=0", "http=1"] });
    logger.info("no");
    logger.child({ category: "http" }).info("yes");
    logger.error("yes");
    expect(recorder.messages).toEqual(["yes", "yes"]);
  });

  it("writes all lines of a request, or none, and the same everywhere", () => {
    const messages = written("requestId");
    expect(written("traceId")).toEqual(messages);
    expect(new Set(messages).size * 3).toBe(messages.length);
    expect(messages.length).toBeGreaterThan(750);
    expect(messages.length).toBeLessThan(1050);
  });
});

describe("LoggerService maxPerSecond", () => {
  it("holds back what is too much in a category, and tells it in the next second", async () => {
    const { logger, recorder, clock } = make({ maxPerSecond: 2 });
    const noisy = logger.child({ category: "noisy" });
    for (let at = 0; at < 5; at++) noisy.error(`error ${at}`);
    noisy.fatal("fatal");
    logger.info("another");
    await clock.advance(1000);
    logger.info("later");
    expect(recorder.messages).toEqual([
      "error 0",
      "error 1",
      "fatal",
      "another",
      "too many lines in a second",
      "later",
    ]);
    expect(recorder.find("warn")).toMatchObject([{ category: "noisy", meta: { held: 3 } }]);
    expect(logger.stats().limited).toBe(3);
  });

  it("tells what it held back when the logger stops", async () => {
    const { logger, recorder } = make({ maxPerSecond: 1 });
    logger.info("1");
    logger.info("2");
    await logger.stop();
    expect(recorder.find("warn")).toMatchObject([{ meta: { held: 1 } }]);
  });
});

describe("LoggerService, thinned out wrongly", () => {
  it.each([
    [{ sampling: ["http"] }, 'share from 0 to 1>"; got "http"'],
    [{ sampling: ["http=1.5"] }, 'got "http=1.5"'],
    [{ maxPerSecond: 0 }, "maxPerSecond must be a number from 1, got 0"],
    [{ maxPerSecond: Number.NaN }, "got NaN"],
  ])("refuses %j", (options, message) => {
    expect(() => make(options)).toThrow(message);
  });
});
