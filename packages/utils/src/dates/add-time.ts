import { add } from "date-fns/add";

import { zone, type TimeZoneOptions } from "./time-zone.js";
import { toDate, type DateInput } from "./to-date.js";

/** A span of calendar and clock time; negative numbers go back. */
export interface TimeSpan {
  readonly years?: number;
  readonly months?: number;
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

/** What of a unit there may be: half a month is none. */
const checks: Readonly<Record<keyof TimeSpan, (count: unknown) => boolean>> = {
  years: Number.isInteger,
  months: Number.isInteger,
  weeks: Number.isInteger,
  days: Number.isInteger,
  hours: Number.isFinite,
  minutes: Number.isFinite,
  seconds: Number.isFinite,
};

/**
 * A date moved by a span. Days, weeks, months and years keep the time of day in the time zone, also across a change of
 * its offset; the last day of a shorter month stands for those it lacks.
 *
 * @throws RangeError when the date or the time zone is none, a count is no number (from days upwards, no whole one), or
 * the span leads to no date.
 */
export function addTime(date: DateInput, span: TimeSpan, options: TimeZoneOptions = {}): Date {
  for (const [unit, check] of Object.entries(checks)) {
    const count = span[unit as keyof TimeSpan];
    if (count === undefined || check(count)) continue;
    const kind = check === Number.isInteger ? "a whole number" : "a number";
    throw new RangeError(`addTime: span.${unit} must be ${kind}, got ${String(count)}`);
  }
  const moved = new Date(add(toDate(date), span, { in: zone(options) }).getTime());
  if (!Number.isNaN(moved.getTime())) return moved;
  throw new RangeError(`addTime: span must lead to a date, got ${JSON.stringify(span)}`);
}
