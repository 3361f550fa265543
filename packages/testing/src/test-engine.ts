/** An engine that tests run on. */
export interface TestEngine<Name extends string = string> {
  readonly name: Name;
  /** Why it can't be had here; `undefined` when it can. */
  readonly missing: string | undefined;
  /** For `describe`: the name, and why it is skipped if it is. */
  readonly title: string;
  /** Where it is. */
  url(): Promise<string>;
  /** Removes what was made, and ends the server if one was started. */
  close(): Promise<void>;
}

/** The kinds of database that there are. */
export type TestDatabaseName = "embedded" | "postgres" | "mysql" | "sqlite";

/** A kind of database; each call of its `url()` gives a new, empty one, for `DatabaseService`. */
export interface TestDatabase extends TestEngine<TestDatabaseName> {
  /**
   * Prepares a database once, and resolves to what gives the URL of a copy of it each time: quicker than to prepare each,
   * but on MySQL, which can't copy one.
   *
   * @param prepare is given the URL, and leaves nothing connected.
   */
  template(prepare: (url: string) => Promise<void>): Promise<() => Promise<string>>;
}

/** The name, and why it is skipped if it is. */
export const titleOf = (name: string, missing: string | undefined): string =>
  missing === undefined ? name : `${name} (skipped: ${missing})`;
