import { toBytes, toMilliseconds, type ByteSize, type Duration } from "@infra/interfaces";
import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { formatBytes, formatDuration, parseBytes, parseDuration } from "../src/index.js";

const isDate = ({ name }: { readonly name: string }): boolean => ["week", "day"].includes(name);

describe("formatDuration()", () => {
  it.each([
    [0, "0ms"],
    [0.123, "0.12ms"],
    [250, "250ms"],
    [999.6, "1s"],
    [1500, "1.5s"],
    [59_940, "59.9s"],
    [59_990, "1m"],
    [65_000, "1m 5s"],
    [3_599_999, "1h"],
    [5_400_000, "1h 30m"],
    [86_400_000 * 2 + 3_600_000 * 3, "2d 3h"],
    [86_399_999, "1d"],
    [Infinity, "∞"],
  ])("%p is %p", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it("writes words and more units when asked to", () => {
    expect(formatDuration(90_061_000, { style: "long", units: 4 })).toBe(
      "1 day 1 hour 1 minute 1 second",
    );
    expect(formatDuration(7_200_000, { style: "long" })).toBe("2 hours");
  });

  it("refuses what is no length of time", () => {
    expect(() => formatDuration(-1)).toThrow("formatDuration: durationMs must be >= 0, got -1");
    expect(() => formatDuration(90_000, { units: 0 })).toThrow(
      "formatDuration: units must be a whole number >= 1, got 0",
    );
  });

  it("is read by parseDuration, no further off than its last unit", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e11, noNaN: true }), (durationMs) => {
        const back = parseDuration(formatDuration(durationMs, { units: 4 }));
        expect(Math.abs(back - durationMs)).toBeLessThanOrEqual(500);
      }),
    );
  });
});

describe("parseDuration()", () => {
  it.each([
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["1.5 hours", 5_400_000],
    ["2 days, 3 hours", 183_600_000],
    ["90 sec", 90_000],
    ["PT1H30M", 5_400_000],
    ["P1W", 604_800_000],
    ["PT0.5S", 500],
    // multiplied alone it would be 1,004.9999999999999
    ["PT1.005S", 1005],
    ["1.005 seconds", 1005],
    ["0.1ms 0.2ms", 0.3],
  ])("%p is %p ms", (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(["", "P", "PT", "5", "1h x", "-1h", "1 fortnight", "h"])("refuses %p", (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });

  it("reads a long text once", () => {
    // trying again from each of its digits would take minutes
    expect(() => parseDuration("1".repeat(500_000))).toThrow(RangeError);
    expect(parseDuration("1ms ".repeat(10_000))).toBe(10_000);
  });

  it("adds up what is written, in words, short, and as ISO 8601", () => {
    const units = { week: 604_800, day: 86_400, hour: 3600, minute: 60, second: 1 };
    const names = Object.keys(units) as (keyof typeof units)[];
    const count = fc.option(fc.integer({ min: 0, max: 100_000 }));
    fc.assert(
      fc.property(fc.tuple(count, count, count, count, count), (thousandths) => {
        const parts = names.flatMap((name, at) => {
          const each = thousandths[at] ?? undefined;
          return each === undefined ? [] : [{ name, each, letter: name[0]!.toUpperCase() }];
        });
        fc.pre(parts.length > 0);
        const durationMs = parts.reduce((sum, { name, each }) => sum + each * units[name], 0);
        const write = (from: typeof parts): string =>
          from.map(({ each, letter }) => `${each / 1000}${letter}`).join("");
        const time = write(parts.filter((part) => !isDate(part)));
        expect(
          [
            parts.map(({ name, each }) => `${each / 1000} ${name}s`).join(", "),
            parts.map(({ letter, each }) => `${each / 1000}${letter.toLowerCase()}`).join(" "),
            `P${write(parts.filter(isDate))}${time === "" ? "" : `T${time}`}`,
          ].map(parseDuration),
        ).toEqual([durationMs, durationMs, durationMs]);
      }),
    );
  });

  it("makes a number of any text, or refuses it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.hms ]+$/)), (text) => {
        let durationMs = 0;
        try {
          durationMs = parseDuration(text);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
        expect(durationMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("reads all that options of the type Duration take", () => {
    const unit = fc.constantFrom("ms", "s", "m", "h", "d", "w");
    fc.assert(
      fc.property(fc.nat(), unit, (count, short) => {
        const text = `${count}${short}` as Duration;
        expect(parseDuration(String(text))).toBe(toMilliseconds(text));
      }),
    );
  });
});

describe("formatBytes()", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KB"],
    [1024 ** 2 - 1, "1 MB"],
    [10 * 1024 ** 2, "10 MB"],
    [1024 ** 5, "1024 TB"],
  ])("%p is %p", (sizeBytes, text) => {
    expect(formatBytes(sizeBytes)).toBe(text);
  });

  it("is read by parseBytes, no further off than its rounding", () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (sizeBytes) => {
        const back = parseBytes(formatBytes(sizeBytes));
        expect(Math.abs(back - sizeBytes)).toBeLessThanOrEqual(Math.max(0.5, sizeBytes * 0.05));
      }),
    );
  });
});

describe("parseBytes()", () => {
  it.each([
    ["512", 512],
    ["64kb", 65_536],
    ["1.5 MB", 1_572_864],
    ["10 MiB", 10_485_760],
    ["2g", 2_147_483_648],
  ])("%p is %p", (text, sizeBytes) => {
    expect(parseBytes(text)).toBe(sizeBytes);
  });

  it.each(["", "kb", "-1", "1 eb", "1kbit"])("refuses %p", (text) => {
    expect(() => parseBytes(text)).toThrow(RangeError);
  });

  it("reads all that options of the type ByteSize take", () => {
    const unit = fc.constantFrom("b", "kb", "mb", "gb", "tb");
    fc.assert(
      fc.property(fc.nat(), unit, (count, short) => {
        const text = `${count}${short}` as ByteSize;
        expect(parseBytes(String(text))).toBe(toBytes(text));
      }),
    );
  });
});
