import { tz } from "@date-fns/tz";

/** Options of what depends on a time zone. */
export interface TimeZoneOptions {
  /** An IANA name such as `Europe/Berlin`. Never the machine's own unless named. @default "UTC" */
  readonly timeZone?: string;
}

/** Whether a text names a time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const known = new Map<string, ReturnType<typeof tz>>();

/**
 * The context in which date-fns calculates.
 *
 * @throws RangeError when the time zone is unknown.
 */
export function zone({ timeZone = "UTC" }: TimeZoneOptions): ReturnType<typeof tz> {
  let context = known.get(timeZone);
  if (!context) {
    if (!isTimeZone(timeZone)) {
      throw new RangeError(
        `timeZone must be an IANA name such as "Europe/Berlin", got ${JSON.stringify(timeZone)}`,
      );
    }
    known.set(timeZone, (context = tz(timeZone)));
  }
  return context;
}
