import {
  createHmac,
  sign,
  timingSafeEqual,
  verify,
  type BinaryLike,
  type KeyObject,
} from "node:crypto";

/** What an HMAC hashes with. */
export type HmacHash = "sha1" | "sha256" | "sha384" | "sha512";

/** A message authentication code (HMAC, RFC 2104). */
export function hmac(
  key: BinaryLike | KeyObject,
  data: BinaryLike,
  hash: HmacHash = "sha256",
): Buffer {
  return createHmac(hash, key).update(data).digest();
}

/** Whether a code is the right one, in a time that does not say where it differs. */
export function isHmac(
  key: BinaryLike | KeyObject,
  data: BinaryLike,
  code: Uint8Array,
  hash: HmacHash = "sha256",
): boolean {
  const expected = hmac(key, data, hash);
  return code.length === expected.length && timingSafeEqual(code, expected);
}

/** An Ed25519 signature (RFC 8032). */
export function signEd25519(key: KeyObject, data: Uint8Array): Buffer {
  return sign(null, data, key);
}

/** Whether an Ed25519 signature is right. */
export function isEd25519(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, data, key, signature);
}
