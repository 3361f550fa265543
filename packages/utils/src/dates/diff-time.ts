import { differenceInDays } from "date-fns/differenceInDays";
import { differenceInHours } from "date-fns/differenceInHours";
import { differenceInMinutes } from "date-fns/differenceInMinutes";
import { differenceInMonths } from "date-fns/differenceInMonths";
import { differenceInSeconds } from "date-fns/differenceInSeconds";
import { differenceInWeeks } from "date-fns/differenceInWeeks";
import { differenceInYears } from "date-fns/differenceInYears";

import { zone, type TimeZoneOptions } from "./time-zone.js";
import { toDate, type DateInput } from "./to-date.js";
import { unitOf } from "./unit-of.js";

const differences = {
  years: differenceInYears,
  months: differenceInMonths,
  weeks: differenceInWeeks,
  days: differenceInDays,
  hours: differenceInHours,
  minutes: differenceInMinutes,
  seconds: differenceInSeconds,
};

/**
 * How many whole units lie between two dates; negative when `to` is before `from`. A day is a day of the time zone's
 * calendar, be it 23 hours long or 25.
 *
 * @throws RangeError when a date, the unit or the time zone is none.
 */
export function diffTime(
  from: DateInput,
  to: DateInput,
  unit: keyof typeof differences,
  options: TimeZoneOptions = {},
): number {
  const context = { in: zone(options) };
  // no negative zero
  return unitOf(differences, unit, "diffTime")(toDate(to), toDate(from), context) + 0;
}
