import { inspect } from "node:util";

import { importCopy } from "@infra/jest-preset/copy";
import { describe, expect, it, jest } from "@jest/globals";

import { Secret, systemClock, toBytes, toMilliseconds } from "../src/index.js";

describe("toMilliseconds()", () => {
  it.each([
    [0, 0],
    [250, 250],
    [Infinity, Infinity],
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["1w", 604_800_000],
  ] as const)("%p is %d ms", (value, milliseconds) => {
    expect(toMilliseconds(value)).toBe(milliseconds);
  });

  it.each([-1, Number.NaN, "5", "5 years", "", "-3s", "1e3s"])("refuses %p, named", (value) => {
    expect(() => toMilliseconds(value as "1s", "ttl")).toThrow(
      /^ttl must be milliseconds or .*; got/,
    );
  });
});

describe("toBytes()", () => {
  it.each([
    [10, 10],
    ["512b", 512],
    ["64kb", 65_536],
    ["10mb", 10_485_760],
    ["1.5gb", 1_610_612_736],
    ["2TB", 2_199_023_255_552],
  ] as const)("%p is %d bytes", (value, bytes) => {
    expect(toBytes(value as "1kb")).toBe(bytes);
  });

  it.each([-1, Number.NaN, "5", "5 pounds", "", "1kib"])("refuses %p, named", (value) => {
    expect(() => toBytes(value as "1kb", "limit")).toThrow(/^limit must be bytes or .*; got/);
  });
});

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
  });
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
