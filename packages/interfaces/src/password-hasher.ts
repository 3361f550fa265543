/** Options of the calls of {@link PasswordHasher}. */
export interface PasswordHashOptions {
  /** Ends the wait for a turn; a computation that runs already goes on to its end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Turns passwords into hashes that can be stored. A hash is text that names its algorithm and parameters (PHC or modular
 * crypt format), so that hashes of several kinds live beside each other. Passwords are normalised first (Unicode NFC, NIST
 * SP 800-63B-4), and all of their characters count: none is cut off, NUL ends nothing.
 */
export interface PasswordHasher {
  /**
   * A new hash, with a salt of its own.
   *
   * @throws ValidationError when the password is empty or longer than anybody types (no less than 256 characters).
   */
  hash(password: string, options?: PasswordHashOptions): Promise<string>;
  /**
   * Whether the password is the one. `false`, after the usual time, for a hash that is `undefined`: a login for an unknown
   * user takes as long as any other.
   *
   * @throws an error for a hash of an unknown kind.
   */
  verify(
    password: string,
    hash: string | undefined,
    options?: PasswordHashOptions,
  ): Promise<boolean>;
  /** Whether the hash was made with another algorithm or weaker parameters than a new one would be. */
  needsRehash(hash: string): boolean;
}
