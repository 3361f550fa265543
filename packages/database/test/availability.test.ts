import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { Availability } from "../src/availability.js";
import { recordingLogger } from "./recording-logger.js";

describe("Availability", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it("says what changes, at most once a second, and what it was in the end", () => {
    const { logger, lines, metas } = recordingLogger();
    const availability = new Availability(logger, "postgres://host/db");
    availability.succeeded();
    expect(lines).toEqual([]);
    for (let at = 0; at < 100; at += 1) availability.failed("ECONNREFUSED");
    expect(lines).toEqual(["warn the database does not answer"]);
    expect(metas[0]).toEqual({ url: "postgres://host/db", failures: 1, reason: "ECONNREFUSED" });
    for (let at = 0; at < 100; at += 1) {
      availability.succeeded();
      availability.failed("ECONNRESET");
    }
    availability.succeeded();
    expect(availability.up).toBe(true);
    expect(lines).toHaveLength(1);
    jest.advanceTimersByTime(1_000);
    expect(lines).toEqual(["warn the database does not answer", "info the database answers again"]);
    expect(metas[1]).toEqual({ url: "postgres://host/db", failures: 200, downMs: 1_000 });
  });

  it("repeats itself every ten seconds while nobody answers", () => {
    const { logger, lines } = recordingLogger();
    const availability = new Availability(logger, "postgres://host/db");
    for (let second = 0; second < 25; second += 1) {
      availability.failed("ECONNREFUSED");
      jest.advanceTimersByTime(1_000);
    }
    expect(lines).toHaveLength(3);
    expect(availability.up).toBe(false);
  });
});
