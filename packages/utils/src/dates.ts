export { addTime, type TimeSpan } from "./dates/add-time.js";
export { diffTime } from "./dates/diff-time.js";
export { endOf, startOf, type StartOfOptions } from "./dates/start-of.js";
export { formatDate } from "./dates/format-date.js";
export { parseDate } from "./dates/parse-date.js";
export { toDate, type DateInput } from "./dates/to-date.js";
export { isTimeZone, type TimeZoneOptions } from "./dates/time-zone.js";
