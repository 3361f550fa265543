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

/**
 * A date moved by a span. Days, weeks, months and years keep the time of day in the time zone, also across a change of
 * its offset; the last day of a shorter month stands for those it lacks.
 *
 * @throws RangeError when the date or the time zone is none.
 */
export function addTime(date: DateInput, span: TimeSpan, options: TimeZoneOptions = {}): Date {
  return new Date(add(toDate(date), span, { in: zone(options) }).getTime());
}
