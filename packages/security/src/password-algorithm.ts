/**
 * One way to hash passwords; what `PasswordService` is made of. Passwords come normalised and never empty. Every character
 * of them has to count.
 */
export interface PasswordAlgorithm {
  /** What it is called: `"bcrypt"`. */
  readonly name: string;
  /** Loads what hashing needs, so that a package that is missing is seen at the start. Idempotent. */
  load?(): Promise<void>;
  /** A new hash with a salt of its own. */
  hash(password: string): Promise<string>;
  /** Whether this algorithm made a hash, by the looks of it. */
  reads(hash: string): boolean;
  /** @throws UnknownHashError `ERR_SECURITY_UNKNOWN_HASH` when the parameters are beyond all reason. */
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether a hash that it reads is weaker than a new one would be. */
  needsRehash(hash: string): boolean;
  /** A hash that is as dear to verify as a new one, and that no password has. */
  decoy(): string;
}
