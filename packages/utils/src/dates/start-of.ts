import { endOfDay } from "date-fns/endOfDay";
import { endOfHour } from "date-fns/endOfHour";
import { endOfMonth } from "date-fns/endOfMonth";
import { endOfQuarter } from "date-fns/endOfQuarter";
import { endOfWeek } from "date-fns/endOfWeek";
import { endOfYear } from "date-fns/endOfYear";
import { startOfDay } from "date-fns/startOfDay";
import { startOfHour } from "date-fns/startOfHour";
import { startOfMonth } from "date-fns/startOfMonth";
import { startOfQuarter } from "date-fns/startOfQuarter";
import { startOfWeek } from "date-fns/startOfWeek";
import { startOfYear } from "date-fns/startOfYear";

import { zone, type TimeZoneOptions } from "./time-zone.js";
import { toDate, type DateInput } from "./to-date.js";
import { unitOf } from "./unit-of.js";

const starts = {
  hour: startOfHour,
  day: startOfDay,
  week: startOfWeek,
  month: startOfMonth,
  quarter: startOfQuarter,
  year: startOfYear,
};

const ends = {
  hour: endOfHour,
  day: endOfDay,
  week: endOfWeek,
  month: endOfMonth,
  quarter: endOfQuarter,
  year: endOfYear,
};

/** Options of {@link startOf} and {@link endOf}. */
export interface StartOfOptions extends TimeZoneOptions {
  /** The first day of a week, 0 for Sunday. @default 1 */
  readonly weekStartsOn?: 0 | 1 | 2 | 3 | 4 | 5 | 6;
}

/**
 * The first millisecond of the unit of the time zone's calendar that a date lies in.
 *
 * @throws RangeError when the date, the unit or the time zone is none.
 */
export function startOf(
  date: DateInput,
  unit: keyof typeof starts,
  options: StartOfOptions = {},
): Date {
  const { weekStartsOn = 1 } = options;
  const start = unitOf(starts, unit, "startOf");
  return new Date(start(toDate(date), { in: zone(options), weekStartsOn }).getTime());
}

/**
 * The last millisecond of the unit of the time zone's calendar that a date lies in.
 *
 * @throws RangeError when the date, the unit or the time zone is none.
 */
export function endOf(
  date: DateInput,
  unit: keyof typeof ends,
  options: StartOfOptions = {},
): Date {
  const { weekStartsOn = 1 } = options;
  const end = unitOf(ends, unit, "endOf");
  return new Date(end(toDate(date), { in: zone(options), weekStartsOn }).getTime());
}
