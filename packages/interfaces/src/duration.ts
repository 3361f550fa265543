import { received } from "./received.js";

type DurationUnit = "ms" | "s" | "m" | "h" | "d" | "w";

/**
 * A length of time: milliseconds, or a number with a unit (`"250ms"`, `"30s"`, `"1.5m"`, `"2h"`, `"7d"`, `"1w"`).
 */
export type Duration = number | `${number}${DurationUnit}`;

const factors: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * A {@link Duration} in milliseconds; of a text, to the microsecond. `Infinity` stays itself, for "never".
 *
 * @param name - what the value is called in the error message.
 * @throws RangeError when the value is negative, not a number, or has no known unit.
 */
export function toMilliseconds(value: Duration, name = "duration"): number {
  if (typeof value === "number" && value >= 0) return value;
  const match = typeof value === "string" && /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|w)$/.exec(value);
  // 1.005 seconds are 1,005 ms, where multiplying alone gives a little less
  const milliseconds = match ? Number((Number(match[1]) * factors[match[2]!]!).toFixed(3)) : NaN;
  if (milliseconds < Infinity) return milliseconds;
  throw new RangeError(
    `${name} must be milliseconds or a string such as "250ms", "30s", "5m", "2h", "7d", "1w"; got ${received(value)}`,
  );
}
