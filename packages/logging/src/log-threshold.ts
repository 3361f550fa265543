import type { LogLevel } from "@infra/interfaces";

/** The least urgent level that is written; `silent` writes nothing. */
export type LogThreshold = LogLevel | "silent";

/** The levels from the most to the least urgent; a level's number is its place. */
export const levelNames: readonly LogLevel[] = ["fatal", "error", "warn", "info", "debug", "trace"];

/** What winston and its transports need to compare levels. */
export const levelNumbers: Readonly<Record<LogLevel, number>> = {
  fatal: 0,
  error: 1,
  warn: 2,
  info: 3,
  debug: 4,
  trace: 5,
};

/** Every threshold, for `enum` settings. */
export const thresholds = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/**
 * The number of the least urgent level that passes; -1 for none.
 *
 * @throws RangeError when the name is no level.
 */
export function thresholdNumber(threshold: LogThreshold, name: string): number {
  if (threshold === "silent") return -1;
  const number = levelNames.indexOf(threshold);
  if (number < 0) {
    throw new RangeError(
      `${name} must be one of ${thresholds.join(", ")}; got ${JSON.stringify(threshold)}`,
    );
  }
  return number;
}
