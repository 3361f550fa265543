import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import {
  addTime,
  diffTime,
  endOf,
  formatDate,
  isTimeZone,
  parseDate,
  startOf,
  toDate,
} from "../src/dates.js";

const berlin = { timeZone: "Europe/Berlin" };
const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia");
const someDate = fc.date({
  min: new Date("1990-01-01T00:00:00Z"),
  max: new Date("2090-01-01T00:00:00Z"),
  noInvalidDate: true,
});

describe("toDate()", () => {
  it("reads dates, milliseconds and ISO 8601 with an offset", () => {
    const inputs = [
      new Date(0),
      0,
      "1970-01-01T00:00:00Z",
      "1970-01-01T01:00:00+01:00",
      "1970-01-01",
    ];
    expect(inputs.map((input) => toDate(input).getTime())).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([
    "1970-01-01T00:00:00",
    "tomorrow",
    "2026-02-30",
    Number.NaN,
    new Date("x"),
    // which the platform takes for 1970
    null as unknown as Date,
  ])("refuses %p", (input) => {
    expect(() => toDate(input)).toThrow("toDate: input must be a date, milliseconds, or ISO 8601");
  });
});

describe("addTime()", () => {
  it("keeps the time of day across a change of the offset", () => {
    const noon = "2026-03-28T12:00:00+01:00";
    expect(addTime(noon, { days: 1 }, berlin)).toEqual(new Date("2026-03-29T12:00:00+02:00"));
    expect(addTime(noon, { hours: 24 }, berlin)).toEqual(new Date("2026-03-29T13:00:00+02:00"));
  });

  it("ends on the last day of a shorter month", () => {
    expect(addTime("2026-01-31", { months: 1 })).toEqual(new Date("2026-02-28T00:00:00Z"));
    expect(addTime("2026-03-31", { months: -1 })).toEqual(new Date("2026-02-28T00:00:00Z"));
  });

  it("refuses a span that leads to no date", () => {
    expect(() => addTime(0, { years: 1e9 })).toThrow(
      'addTime: span must lead to a date, got {"years":1000000000}',
    );
    expect(() => addTime(0, { hours: Number.NaN })).toThrow(
      "addTime: span.hours must be a number, got NaN",
    );
    // which the library takes for one
    expect(() => addTime(0, { months: 1.5 })).toThrow(
      "addTime: span.months must be a whole number, got 1.5",
    );
    expect(addTime(0, { hours: 1.5 })).toEqual(new Date(5_400_000));
  });

  it("gives a plain date", () => {
    expect(Object.getPrototypeOf(addTime(0, { days: 1 }, berlin))).toBe(Date.prototype);
  });
});

describe("diffTime()", () => {
  it("counts days of the calendar, be they 23 hours long or 25", () => {
    const [from, to] = ["2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"];
    expect(diffTime(from, to, "days", berlin)).toBe(1);
    expect(diffTime(from, to, "hours", berlin)).toBe(23);
    expect(diffTime(to, from, "days", berlin)).toBe(-1);
    expect(diffTime("2026-01-31", "2026-03-01", "months")).toBe(1);
  });

  it("takes back what addTime added", () => {
    fc.assert(
      fc.property(someDate, fc.integer({ min: 1, max: 500 }), zones, (date, days, timeZone) => {
        const to = addTime(date, { days }, { timeZone });
        // a day that the calendar left out, as Samoa's 30 December 2011, can't be counted twice
        expect(Math.abs(diffTime(date, to, "days", { timeZone }) - days)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("startOf() and endOf()", () => {
  it("follow the calendar of the time zone", () => {
    const date = "2026-03-29T22:30:00Z";
    expect(startOf(date, "day")).toEqual(new Date("2026-03-29T00:00:00Z"));
    expect(startOf(date, "day", berlin)).toEqual(new Date("2026-03-30T00:00:00+02:00"));
    expect(endOf(date, "month", berlin)).toEqual(new Date("2026-03-31T23:59:59.999+02:00"));
    expect(startOf(date, "week")).toEqual(new Date("2026-03-23T00:00:00Z"));
    expect(startOf(date, "week", { weekStartsOn: 0 })).toEqual(new Date("2026-03-29T00:00:00Z"));
  });

  it("enclose the date, and stay where they are", () => {
    const unit = fc.constantFrom("hour", "day", "week", "month", "quarter", "year");
    fc.assert(
      fc.property(someDate, unit, zones, (date, each, timeZone) => {
        const [start, end] = [startOf(date, each, { timeZone }), endOf(date, each, { timeZone })];
        expect(start.getTime()).toBeLessThanOrEqual(date.getTime());
        expect(end.getTime()).toBeGreaterThanOrEqual(date.getTime());
        expect(startOf(start, each, { timeZone })).toEqual(start);
      }),
    );
  });
});

describe("units", () => {
  it("that are none are refused by name", () => {
    expect(() => diffTime(0, 1, "fortnights" as "weeks")).toThrow(
      'diffTime: unit must be one of years, months, weeks, days, hours, minutes, seconds, got "fortnights"',
    );
    expect(() => startOf(0, "toString" as "day")).toThrow("startOf: unit must be one of hour, day");
    expect(() => endOf(0, "decade" as "year")).toThrow("endOf: unit must be one of hour, day");
  });
});

describe("formatDate() and parseDate()", () => {
  it("write and read a pattern in a time zone", () => {
    expect(formatDate("2026-03-29T22:30:00Z", "yyyy-MM-dd HH:mm xxx", berlin)).toBe(
      "2026-03-30 00:30 +02:00",
    );
    expect(parseDate("30.03.2026", "dd.MM.yyyy", berlin)).toEqual(
      new Date("2026-03-30T00:00:00+02:00"),
    );
    expect(() => parseDate("31.02.2026", "dd.MM.yyyy")).toThrow(
      'parseDate: text must be in the pattern "dd.MM.yyyy", got "31.02.2026"',
    );
  });

  it("refuse an unknown time zone", () => {
    expect([isTimeZone("Europe/Berlin"), isTimeZone("Nowhere/None")]).toEqual([true, false]);
    expect(() => formatDate(0, "yyyy", { timeZone: "Nowhere/None" })).toThrow(
      'timeZone must be an IANA name such as "Europe/Berlin", got "Nowhere/None"',
    );
  });
});
