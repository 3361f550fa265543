import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Random text, URL-safe: nobody can guess 32 bytes of it. */
export function randomText(bytes = 32): string {
  return randomBytes(bytes).toString("base64url");
}

/**
 * What is stored in place of a random token: it can't be turned back, and a quick hash does, for there is nothing to guess.
 * Hexadecimal, because databases may take capitals for small letters.
 */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Whether two digests are the same, in a time that does not say where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
