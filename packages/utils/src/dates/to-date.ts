import { parseISO } from "date-fns/parseISO";

/** A point in time: a date, milliseconds since the epoch, or ISO 8601 with an offset or `Z`. */
export type DateInput = Date | number | string;

/**
 * A point in time as a date of its own.
 *
 * @throws RangeError when it is no date that exists, or a text without an offset: what time it means would depend on the
 * machine. A day alone (`2026-03-29`) is midnight in UTC.
 */
export function toDate(input: DateInput): Date {
  const date = typeof input === "string" ? fromText(input) : new Date(input ?? Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(
      `toDate: input must be a date, milliseconds, or ISO 8601 with an offset, got ${typeof input === "string" ? JSON.stringify(input) : String(input)}`,
    );
  }
  return date;
}

function fromText(text: string): Date {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return parseISO(`${text}T00:00:00Z`);
  return /T.*(?:Z|[+-]\d{2}(?::?\d{2})?)$/.test(text) ? parseISO(text) : new Date(Number.NaN);
}
