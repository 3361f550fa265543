import type { ReadRange } from "./file-system.js";

/** The first byte to read, and the one to stop before. @throws RangeError when they are no such numbers. */
export function byteRange({ start = 0, end = Infinity }: ReadRange): {
  readonly start: number;
  readonly end: number;
} {
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new RangeError(`start must be a whole number from 0; got ${String(start)}`);
  }
  if ((end !== Infinity && !Number.isSafeInteger(end)) || end < 0) {
    throw new RangeError(`end must be a whole number from 0; got ${String(end)}`);
  }
  return { start, end };
}
