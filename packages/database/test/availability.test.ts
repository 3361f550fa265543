import { MemoryLogger } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { Availability } from "../src/availability.js";

describe("Availability", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it("says what changes, at most once a second, and what it was in the end", () => {
    const logger = new MemoryLogger();
    const availability = new Availability(logger, "postgres://host/db");
    availability.succeeded();
    expect(logger.lines).toEqual([]);
    for (let at = 0; at < 100; at += 1) availability.failed("ECONNREFUSED");
    const url = "postgres://host/db";
    const down = {
      level: "warn",
      message: "the database does not answer",
      meta: { url, failures: 1, reason: "ECONNREFUSED" },
    };
    expect(logger.lines).toEqual([down]);
    for (let at = 0; at < 100; at += 1) {
      availability.succeeded();
      availability.failed("ECONNRESET");
    }
    availability.succeeded();
    expect(availability.up).toBe(true);
    expect(logger.lines).toHaveLength(1);
    jest.advanceTimersByTime(1_000);
    expect(logger.lines).toEqual([
      down,
      {
        level: "info",
        message: "the database answers again",
        meta: { url, failures: 200, downMs: 1_000 },
      },
    ]);
  });

  it("repeats itself every ten seconds while nobody answers", () => {
    const logger = new MemoryLogger();
    const availability = new Availability(logger, "postgres://host/db");
    for (let second = 0; second < 25; second += 1) {
      availability.failed("ECONNREFUSED");
      jest.advanceTimersByTime(1_000);
    }
    expect(logger.lines).toHaveLength(3);
    expect(availability.up).toBe(false);
  });
});
