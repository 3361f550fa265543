import type { Duration } from "./duration.js";
import type { SqlPool, SqlPoolOptions } from "./sql-pool.js";

/** How far a transaction is kept apart from others; the engine's own default is used when none is named. */
export type IsolationLevel =
  | "read committed"
  | "repeatable read"
  | "serializable"
  | "read uncommitted";

/**
 * What happens when a transaction is opened inside another: `required` joins it, `requires-new` opens one of its own on
 * another connection, `nested` opens a savepoint.
 */
export type Propagation = "required" | "requires-new" | "nested";

/** Options of `Database.transaction`. */
export interface TransactionOptions {
  /** @default "required" */
  readonly propagation?: Propagation;
  readonly isolation?: IsolationLevel;
  readonly readOnly?: boolean;
  /** How often a deadlock or serialisation failure is tried again, with the whole of `work`. @default 0 */
  readonly retries?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `Database.query`. */
export interface QueryOptions {
  /** Cancels the query on the server. */
  readonly signal?: AbortSignal | undefined;
  /** Cancels the query on the server after this long. */
  readonly timeout?: Duration;
}

/**
 * A relational database. Every call made inside the callback of {@link Database.transaction} belongs to that
 * transaction, however deep it stands: the transaction is ambient. Failures are errors with a stable `code`; a unique,
 * foreign-key, not-null or check violation names its table, column and constraint in `details`.
 */
export interface Database {
  /** Runs one statement with `?` placeholders and returns its rows. */
  query<Row = Record<string, unknown>>(
    sql: string,
    bindings?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
  /** Runs `work` in a transaction: commits when it resolves, rolls back and rethrows when it rejects. */
  transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Calls back after the ambient transaction has committed; at once when there is none. */
  afterCommit(callback: () => void | Promise<void>): void;
  /** Calls back after the ambient transaction has rolled back; never when there is none. */
  afterRollback(callback: () => void | Promise<void>): void;
  /** A PostgreSQL pool of its own on the same engine, embedded included, for a library that wants one. */
  openPool(options?: SqlPoolOptions): Promise<SqlPool>;
}
