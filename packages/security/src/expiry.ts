import { toMilliseconds, type Duration } from "@infra/interfaces";

/** The last moment that 48 bits hold, in the year 10889. */
const latestMs = 2 ** 48 - 1;

/**
 * When something made now expires; `undefined` for never.
 *
 * @throws RangeError when the duration is zero, negative, or no duration.
 */
export function expiryOf(expiresIn: Duration | undefined, nowMs: number): number | undefined {
  if (expiresIn === undefined) return undefined;
  const afterMs = toMilliseconds(expiresIn, "expiresIn");
  if (afterMs === 0) throw new RangeError("expiresIn must be longer than 0");
  const atMs = Math.ceil(nowMs + afterMs);
  return atMs > latestMs ? undefined : atMs;
}
