/** Knows passwords that were stolen or are used by too many. */
export interface PwnedPasswords {
  /** How often the password was seen; 0 when it is not known. */
  count(password: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<number>;
}

/** A list in memory, of a file of common passwords for instance. Upper and lower case are the same. */
export class PasswordList implements PwnedPasswords {
  readonly #passwords: ReadonlySet<string>;

  constructor(passwords: Iterable<string>) {
    this.#passwords = new Set(Array.from(passwords, (each) => folded(each)));
  }

  count(password: string): Promise<number> {
    return Promise.resolve(this.#passwords.has(folded(password)) ? 1 : 0);
  }
}

function folded(password: string): string {
  return password.normalize("NFC").toLowerCase();
}
