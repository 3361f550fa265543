import type { FileRange } from "@infra/interfaces";

import { RangeNotSatisfiableError } from "./errors.js";

/** @throws RangeError when it is no range of whole numbers. */
export function checkRange(range: FileRange): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new RangeError(`range.start must be a whole number from 0, got ${String(start)}`);
  }
  if (end !== undefined && (!Number.isSafeInteger(end) || end < start)) {
    throw new RangeError(
      `range.end must be a whole number from range.start (${start}), got ${String(end)}`,
    );
  }
}

/**
 * A range within a file: first and last byte, both included.
 *
 * @throws RangeNotSatisfiableError (`ERR_STORAGE_RANGE`) when it begins behind the end.
 */
export function rangeWithin(
  range: FileRange,
  sizeBytes: number,
): { readonly start: number; readonly end: number } {
  checkRange(range);
  if (range.start >= sizeBytes) throw notSatisfiable(range, sizeBytes);
  return { start: range.start, end: Math.min(range.end ?? Infinity, sizeBytes - 1) };
}

/** The error of a range that begins behind the end. */
export function notSatisfiable(range: FileRange, sizeBytes?: number, cause?: unknown): Error {
  const length = sizeBytes === undefined ? "" : `, which has ${sizeBytes} bytes`;
  return new RangeNotSatisfiableError(
    `the range from byte ${range.start} on begins behind the end of the file${length}`,
    {
      ...(sizeBytes !== undefined && { details: { sizeBytes } }),
      publicMessage: "The range begins behind the end of the file.",
      ...(cause !== undefined && { cause }),
    },
  );
}
