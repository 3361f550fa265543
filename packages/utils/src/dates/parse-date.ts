import { parse } from "date-fns/parse";

import { zone, type TimeZoneOptions } from "./time-zone.js";

/**
 * Reads a date that was written in a pattern, in the time zone: `parseDate("29.03.2026", "dd.MM.yyyy")`. What the pattern
 * leaves out is the start of it: midnight, the first of the month.
 *
 * @throws RangeError when the text does not fit the pattern, or the time zone is unknown.
 */
export function parseDate(text: string, pattern: string, options: TimeZoneOptions = {}): Date {
  const context = zone(options);
  const date = parse(text, pattern, context(0), { in: context });
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(
      `parseDate: text must be in the pattern ${JSON.stringify(pattern)}, got ${JSON.stringify(text)}`,
    );
  }
  return new Date(date.getTime());
}
