import type { Duration } from "./duration.js";

/** Options of {@link Encrypter.decrypt}. */
export interface DecryptOptions {
  /** What the secret is for; one made for another purpose does not decrypt. */
  readonly purpose: string;
  /** What it belongs to, a user's id or a row's key; it must be the same again, and is not stored. */
  readonly context?: string | undefined;
}

/** Options of {@link Encrypter.encrypt}. */
export interface EncryptOptions extends DecryptOptions {
  /** How long it decrypts. @default for ever, as long as its key is known */
  readonly expiresIn?: Duration | undefined;
}

/** Encrypts and authenticates short values. The result is URL-safe text that names its key; keys rotate. */
export interface Encrypter {
  /** Text is encrypted as UTF-8. */
  encrypt(value: string | Uint8Array, options: EncryptOptions): string;
  /**
   * The bytes that were encrypted.
   *
   * @throws an error, the same whether it was tampered with, expired, or made for something else.
   */
  decrypt(encrypted: string, options: DecryptOptions): Uint8Array;
}
