import { randomBytes, randomInt } from "node:crypto";

/** Options of {@link randomToken}. */
export interface RandomTokenOptions {
  /** How many random bytes, at least 16. @default 32 */
  readonly bytes?: number | undefined;
  /** Stands before it, so that people and secret scanners know what it is: `"sk_live_"`. */
  readonly prefix?: string | undefined;
}

/**
 * A token that nobody can guess, URL-safe, 43 characters by default.
 *
 * @throws RangeError when `bytes` is below 16 or not a whole number.
 */
export function randomToken(options: RandomTokenOptions = {}): string {
  const { bytes = 32, prefix = "" } = options;
  if (!Number.isSafeInteger(bytes) || bytes < 16) {
    throw new RangeError(`randomToken: bytes must be a whole number from 16, got ${String(bytes)}`);
  }
  return prefix + randomBytes(bytes).toString("base64url");
}

/**
 * Random digits to read aloud or type in, every code as likely as any other. So few can be tried out: keep them for
 * minutes, and count the attempts.
 *
 * @param digits 4 to 14. @default 6
 * @throws RangeError for any other number of digits.
 */
export function randomDigits(digits = 6): string {
  if (!Number.isInteger(digits) || digits < 4 || digits > 14) {
    throw new RangeError(
      `randomDigits: digits must be a whole number from 4 to 14, got ${String(digits)}`,
    );
  }
  return String(randomInt(10 ** digits)).padStart(digits, "0");
}
