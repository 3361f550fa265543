import { inspect } from "node:util";

import { importCopy } from "@infra/jest-preset/copy";
import { describe, expect, it, jest } from "@jest/globals";

import { Secret, systemClock } from "../src/index.js";

describe("Secret", () => {
  const secret = new Secret("hunter2");

  it("shows nowhere", () => {
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ secret }),
    ];
    expect(shown).toEqual([
      "[secret]",
      '{"secret":"[secret]"}',
      "[secret]",
      "{ secret: [secret] }",
    ]);
    expect(inspect(secret, { showHidden: true, depth: 9, customInspect: false })).not.toContain(
      "hunter2",
    );
  });

  it("reveals its value, also one of another copy of the package", async () => {
    const other = await importCopy<typeof import("../src/index.js")>(
      new URL("..", import.meta.url),
    );
    expect(other.Secret).not.toBe(Secret);
    expect(Secret.reveal(secret)).toBe("hunter2");
    expect(Secret.reveal(new other.Secret("x"))).toBe("x");
    expect(Secret.reveal("plain")).toBe("plain");
  }, 60_000);
});

describe("systemClock", () => {
  it("calls back once, unless taken back", async () => {
    const called: string[] = [];
    systemClock.setTimeout(() => called.push("taken back"), 0)();
    await new Promise<void>((done) => {
      systemClock.setTimeout(() => {
        called.push("called");
        done();
      }, 1);
    });
    expect(called).toEqual(["called"]);
    expect(systemClock.monotonic()).toBeGreaterThan(0);
  });

  it("waits longer than a timer of Node.js can", () => {
    jest.useFakeTimers();
    try {
      const longMs = 2 ** 31 + 1000;
      const callback = jest.fn();
      const never = jest.fn();
      systemClock.setTimeout(callback, longMs);
      systemClock.setTimeout(never, longMs)();
      const takenBackLate = systemClock.setTimeout(never, longMs, { unref: true });
      systemClock.setTimeout(never, Infinity, { unref: true });
      jest.advanceTimersByTime(longMs - 1);
      expect(callback).not.toHaveBeenCalled();
      takenBackLate();
      jest.advanceTimersByTime(1);
      expect(callback).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(longMs);
      expect(callback).toHaveBeenCalledTimes(1);
      expect(never).not.toHaveBeenCalled();
    } finally {
      jest.useRealTimers();
    }
  });
});
