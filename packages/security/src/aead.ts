import { createCipheriv, createDecipheriv } from "node:crypto";

/** Ciphers that encrypt and authenticate at once, with a 256-bit key, a 96-bit nonce and a 128-bit tag. */
export type AeadAlgorithm = "aes-256-gcm" | "chacha20-poly1305";

/** What goes into {@link seal} and {@link open}. */
export interface AeadInput {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, never twice with one key. */
  readonly nonce: Uint8Array;
  /** Authenticated, not encrypted. */
  readonly associated: Uint8Array;
}

/** How long a tag is. Node.js takes 4 bytes for a whole GCM tag unless it is told. */
export const tagLength = 16;

/** The ciphertext with its tag behind it. */
export function seal(algorithm: AeadAlgorithm, input: AeadInput, plain: Uint8Array): Buffer {
  // the two names are typed apart, but called alike
  const cipher = createCipheriv(algorithm as "chacha20-poly1305", input.key, input.nonce, {
    authTagLength: tagLength,
  });
  cipher.setAAD(input.associated, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext; `undefined` when anything is not as it was sealed. */
export function open(
  algorithm: AeadAlgorithm,
  input: AeadInput,
  sealed: Uint8Array,
): Buffer | undefined {
  const end = sealed.length - tagLength;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(algorithm as "chacha20-poly1305", input.key, input.nonce, {
    authTagLength: tagLength,
  });
  decipher.setAAD(input.associated, { plaintextLength: end });
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}
