import { hkdfSync } from "node:crypto";

/** Options of {@link hkdf}. */
export interface HkdfOptions {
  /** What the key is for: other words give an unrelated key. */
  readonly info: string | Uint8Array;
  /** Bytes, 1 to 255 times the hash. @default 32 */
  readonly length?: number | undefined;
  /** Makes the same secret give other keys; not secret. @default none */
  readonly salt?: string | Uint8Array | undefined;
  /** @default "sha256" */
  readonly hash?: "sha256" | "sha384" | "sha512" | undefined;
}

/**
 * Derives a key from a secret (HKDF, RFC 5869). For secrets that are random already; a password needs a
 * `PasswordHasher`.
 *
 * @throws RangeError when the secret is empty.
 */
export function hkdf(secret: string | Uint8Array, options: HkdfOptions): Buffer {
  if (secret.length === 0) throw new RangeError("hkdf: secret must not be empty");
  const { info, length = 32, salt = "", hash = "sha256" } = options;
  return Buffer.from(hkdfSync(hash, secret, salt, info, length));
}
