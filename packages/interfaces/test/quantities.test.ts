import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { toBytes, toMilliseconds, type ByteSize, type Duration } from "../src/index.js";

const numeric = fc.double({ min: 0, noNaN: true });
const wrong = fc.oneof(
  fc.double({ max: 0, maxExcluded: true, noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.constant(Number.NaN),
  fc.anything().filter((value) => typeof value !== "number" && typeof value !== "string"),
);
/** Thousandths, so that what they stand for is a whole number of the smallest unit. */
const thousandths = fc.integer({ min: 0, max: 1_000_000 });

const received = (text: string): string => `; got ${JSON.stringify(text)}`;

/** What a call returns, or the message of the RangeError that it throws. */
function outcomeOf(call: () => number): number | string {
  try {
    return call();
  } catch (error) {
    return error instanceof RangeError ? error.message : String(error);
  }
}

describe("toMilliseconds()", () => {
  it.each([
    [0, 0],
    [250, 250],
    [Infinity, Infinity],
    ["250ms", 250],
    ["0.5ms", 0.5],
    ["30s", 30_000],
    ["1.5m", 90_000],
    // multiplied alone it would be 1,004.9999999999999
    ["1.005s", 1005],
    ["2h", 7_200_000],
    ["7 d", 604_800_000],
    ["1w", 604_800_000],
  ] as const)("%p is %d ms", (value, milliseconds) => {
    expect(toMilliseconds(value as Duration)).toBe(milliseconds);
  });

  it.each([-1, Number.NaN, "5", "5 years", "", "-3s", "1e3s"])("refuses %p, named", (value) => {
    expect(() => toMilliseconds(value as "1s", "ttl")).toThrow(
      /^ttl must be milliseconds or .*; got/,
    );
  });

  it("refuses a text that is more than a number can be", () => {
    expect(() => toMilliseconds(`${"9".repeat(400)}w` as Duration)).toThrow(RangeError);
    expect(() => toBytes(`${"9".repeat(400)}tb` as ByteSize)).toThrow(RangeError);
  });

  it("gives numbers back as they are, and refuses all else by name", () => {
    fc.assert(fc.property(numeric, (value) => expect(toMilliseconds(value)).toBe(value)));
    fc.assert(
      fc.property(wrong, (value) => {
        expect(() => toMilliseconds(value as Duration, "ttl")).toThrow(RangeError);
        expect(() => toMilliseconds(value as Duration, "ttl")).toThrow(/^ttl must be .*; got/);
      }),
    );
  });

  it("is exact for decimals", () => {
    const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(thousandths, unit, (count, name) => {
        expect(toMilliseconds(`${count / 1000}${name}`)).toBe(count * units[name]);
      }),
    );
  });

  it("makes a finite number of any text, or refuses it", () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{1,400}(\.\d{1,30})? ?(ms|s|m|h|d|w)$/),
    );
    fc.assert(
      fc.property(text, (value) => {
        const outcome = outcomeOf(() => toMilliseconds(value as Duration));
        expect(Number.isFinite(outcome) || String(outcome).endsWith(received(value))).toBe(true);
      }),
    );
  });
});

describe("toBytes()", () => {
  it.each([
    [10, 10],
    [0.6, 1],
    [Infinity, Infinity],
    ["512b", 512],
    ["64kb", 65_536],
    ["10 mb", 10_485_760],
    ["1.5gb", 1_610_612_736],
    ["2TB", 2_199_023_255_552],
  ] as const)("%p is %d bytes", (value, bytes) => {
    expect(toBytes(value as ByteSize)).toBe(bytes);
  });

  it.each([-1, Number.NaN, "5", "5 pounds", "", "1kib"])("refuses %p, named", (value) => {
    expect(() => toBytes(value as "1kb", "limit")).toThrow(/^limit must be bytes or .*; got/);
  });

  it("gives whole bytes for numbers, and refuses all else by name", () => {
    fc.assert(fc.property(numeric, (value) => expect(toBytes(value)).toBe(Math.round(value))));
    fc.assert(
      fc.property(wrong, (value) => {
        expect(() => toBytes(value as ByteSize, "limit")).toThrow(RangeError);
        expect(() => toBytes(value as ByteSize, "limit")).toThrow(/^limit must be .*; got/);
      }),
    );
  });

  it("is exact for decimals, in either case of the unit", () => {
    const units = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    // parts that a power of two divides
    const parts = fc.integer({ min: 0, max: 4_000_000 });
    fc.assert(
      fc.property(parts, unit, (count, name) => {
        const text = `${count / 1024}${name}`;
        expect(toBytes(text as ByteSize)).toBe((count * units[name]) / 1024);
        expect(toBytes(text.toUpperCase() as ByteSize)).toBe(toBytes(text as ByteSize));
      }),
    );
  });

  it("makes a finite whole number of any text, or refuses it", () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{1,400}(\.\d{1,30})? ?(b|kb|mb|gb|tb)$/),
    );
    fc.assert(
      fc.property(text, (value) => {
        const outcome = outcomeOf(() => toBytes(value as ByteSize));
        expect(Number.isInteger(outcome) || String(outcome).endsWith(received(value))).toBe(true);
      }),
    );
  });
});
