import type { Duration } from "./duration.js";

/** Options of {@link Signer.verify}. */
export interface VerifyOptions {
  /** What the signature is for; one made for another purpose does not verify. */
  readonly purpose: string;
  /** What it belongs to, a session or a user's id; it must be the same again, and is not stored. */
  readonly context?: string | undefined;
}

/** Options of {@link Signer.sign}. */
export interface SignOptions extends VerifyOptions {
  /** How long it verifies. @default for ever, as long as its key is known */
  readonly expiresIn?: Duration | undefined;
}

/**
 * Signs short texts: cookies, links, tokens. The value stays readable. Keys rotate: what an earlier key signed verifies
 * as long as that key is kept.
 */
export interface Signer {
  /** The value with its signature, URL-safe if the value is. */
  sign(value: string, options: SignOptions): string;
  /**
   * The value; `undefined` when the signature is missing, wrong, expired, or for another purpose or context. Never
   * throws for what was sent.
   */
  verify(signed: string, options: VerifyOptions): string | undefined;
}
