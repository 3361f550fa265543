import { format } from "date-fns/format";

import { zone, type TimeZoneOptions } from "./time-zone.js";
import { toDate, type DateInput } from "./to-date.js";

/**
 * A date in the pattern of Unicode's date fields, as date-fns has them: `yyyy-MM-dd HH:mm xxx`.
 *
 * @throws RangeError when the date, the pattern or the time zone is none.
 */
export function formatDate(
  date: DateInput,
  pattern: string,
  options: TimeZoneOptions = {},
): string {
  return format(toDate(date), pattern, { in: zone(options) });
}
