import { wholeNumber } from "./whole-number.js";

const units = [
  ["d", 86_400_000, "day"],
  ["h", 3_600_000, "hour"],
  ["m", 60_000, "minute"],
  ["s", 1000, "second"],
  ["ms", 1, "millisecond"],
] as const;

/** Options of {@link formatDuration}. */
export interface FormatDurationOptions {
  /** `short` is `1h 30m`, `long` is `1 hour 30 minutes`. @default "short" */
  readonly style?: "short" | "long";
  /** How many units at the most, the largest first; the last is rounded. @default 2 */
  readonly units?: number;
}

/**
 * A length of time for a person: `250ms`, `1.5s`, `1m 5s`, `2d 3h`. `parseDuration` reads it.
 *
 * @throws RangeError when it is negative or not a number, or `units` is not a whole number from 1 upwards.
 */
export function formatDuration(durationMs: number, options: FormatDurationOptions = {}): string {
  const { style = "short" } = options;
  const most = wholeNumber(options.units ?? 2, "formatDuration: units", 1);
  if (!(durationMs >= 0)) {
    throw new RangeError(`formatDuration: durationMs must be >= 0, got ${String(durationMs)}`);
  }
  if (durationMs === Infinity) return style === "short" ? "∞" : "for ever";
  const write = (count: number, [short, , long]: (typeof units)[number]): string =>
    style === "short" ? `${count}${short}` : `${count} ${long}${count === 1 ? "" : "s"}`;

  // below a minute one unit with decimals says more than two
  if (durationMs < 999.5) return write(significant(durationMs), units[4]);
  if (durationMs < 59_950) return write(Math.round(durationMs / 100) / 10, units[3]);

  let from = units.findIndex(([, factor]) => durationMs >= factor);
  // what is rounded up to a whole larger unit is written as that
  let parts = split(durationMs, from, most);
  if (from > 0 && parts[0]! * units[from]![1] >= units[from - 1]![1]) {
    from--;
    parts = split(units[from]![1], from, most);
  }
  return parts
    .map((count, at) => (count > 0 ? write(count, units[from + at]!) : ""))
    .filter(Boolean)
    .join(" ");
}

function split(durationMs: number, from: number, most: number): number[] {
  const used = units.slice(from, Math.min(from + most, 4));
  const smallest = used.at(-1)![1];
  let rest = Math.round(durationMs / smallest) * smallest;
  return used.map(([, factor]) => {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    return count;
  });
}

function significant(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
}
