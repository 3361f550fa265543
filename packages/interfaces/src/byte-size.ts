import { received } from "./received.js";

type ByteUnit = "b" | "kb" | "mb" | "gb" | "tb";

/**
 * A size: bytes, or a number with a unit in powers of 1,024 (`"512b"`, `"64kb"`, `"10mb"`, `"1.5gb"`, `"2tb"`).
 */
export type ByteSize = number | `${number}${ByteUnit}`;

const factors: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
};

/**
 * A {@link ByteSize} in whole bytes. `Infinity` stays itself, for "no bound".
 *
 * @param name - what the value is called in the error message.
 * @throws RangeError when the value is negative, not a number, or has no known unit.
 */
export function toBytes(value: ByteSize, name = "size"): number {
  if (typeof value === "number" && value >= 0) return Math.round(value);
  const match = typeof value === "string" && /^(\d+(?:\.\d+)?) ?(b|kb|mb|gb|tb)$/i.exec(value);
  const bytes = match ? Math.round(Number(match[1]) * factors[match[2]!.toLowerCase()]!) : NaN;
  if (bytes < Infinity) return bytes;
  throw new RangeError(
    `${name} must be bytes or a string such as "512b", "64kb", "10mb", "1gb", "1tb"; got ${received(value)}`,
  );
}
