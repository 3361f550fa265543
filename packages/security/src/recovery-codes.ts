import { createHash, randomBytes } from "node:crypto";

import { encodeBase32 } from "./base32.js";
import { checkedCost } from "./checked-cost.js";
import { constantTimeEqual } from "./constant-time-equal.js";

/** New recovery codes. */
export interface RecoveryCodes {
  /** To be shown to the user, once: `k3vq-7hzd-2mxw-p5ra-u6ty-bn4e`. */
  readonly codes: readonly string[];
  /** To be stored, in the same order. */
  readonly hashes: readonly string[];
}

/**
 * Codes that stand in for a lost second factor, each good for once. They have 120 random bits, so that a
 * quick hash of them may be stored (ASVS 5.0, 6.5.2: 112 bits at least).
 *
 * @param count 1 to 100. Default: 10.
 * @throws RangeError for any other count.
 */
export function generateRecoveryCodes(count = 10): RecoveryCodes {
  checkedCost("generateRecoveryCodes: count", count, 1, 100);
  const codes = Array.from({ length: count }, () =>
    encodeBase32(randomBytes(15)).toLowerCase().match(/.{4}/g)!.join("-"),
  );
  return { codes, hashes: codes.map(hashOf) };
}

/**
 * Which of the stored hashes a code belongs to, `undefined` when to none. Remove that hash in the same transaction, and only
 * go on if it was still there: the code is used up.
 */
export function findRecoveryCode(code: string, hashes: readonly string[]): number | undefined {
  const given = hashOf(code);
  let found: number | undefined;
  // all of them, so that the time does not say which one it was
  for (const [at, hash] of hashes.entries()) {
    if (constantTimeEqual(given, hash)) found ??= at;
  }
  return found;
}

/** Dashes, spaces and capitals don't count. */
function hashOf(code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, "");
  return createHash("sha256").update(`infra recovery code ${plain}`).digest("base64url");
}
