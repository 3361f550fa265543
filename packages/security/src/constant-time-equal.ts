import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether two texts or byte strings are the same, in a time that says nothing about where they differ, nor about their
 * lengths: what is compared is their digests. Text is compared as UTF-8.
 */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(value: string | Uint8Array): Buffer {
  return createHash("sha256").update(value).digest();
}
