import {
  CancelledError as Cancelled,
  ConflictError,
  defineErrors,
  InternalError,
  NotFoundError,
  shape,
  TimeoutError,
  UnavailableError,
  ValidationError,
  type ErrorOf,
} from "@infra/errors";

/** What is known of the statement that failed; names only, never a value. */
export interface StatementDetails extends Readonly<Record<string, unknown>> {
  /** The five characters of the SQL standard: `23505`. PostgreSQL and MySQL. */
  readonly sqlState?: string;
  /** The name that the engine has for it: `ER_DUP_ENTRY`, `SQLITE_CONSTRAINT_UNIQUE`. MySQL and SQLite. */
  readonly driverCode?: string;
  /** The statement with placeholders; literals in it are masked. */
  readonly sql?: string;
}

/** Which rule of the schema was broken, as far as the engine says. */
export interface ViolationDetails extends StatementDetails {
  readonly schema?: string;
  readonly table?: string;
  /** The column, or the first of several. */
  readonly column?: string;
  readonly columns?: readonly string[];
  readonly constraint?: string;
}

const statement = shape<StatementDetails>();
const violation = shape<ViolationDetails>();

/** Every error of this package by code. */
export const databaseErrors = defineErrors({
  UniqueViolationError: {
    code: "ERR_DATABASE_UNIQUE",
    when: "A row with the same unique values exists.",
    extends: ConflictError,
    details: violation,
  },
  ForeignKeyViolationError: {
    code: "ERR_DATABASE_FOREIGN_KEY",
    when: "The row that is referred to is missing, or the row is still referred to.",
    extends: ConflictError,
    details: violation,
  },
  NotNullViolationError: {
    code: "ERR_DATABASE_NOT_NULL",
    when: "A column that must have a value got none.",
    extends: ValidationError,
    details: violation,
  },
  CheckViolationError: {
    code: "ERR_DATABASE_CHECK",
    when: "A check or exclusion constraint refused the row.",
    extends: ValidationError,
    details: violation,
  },
  DeadlockError: {
    code: "ERR_DATABASE_DEADLOCK",
    when: "Two transactions waited for each other and this one was ended; run it again.",
    extends: ConflictError,
    retryable: true,
    details: statement,
  },
  SerializationError: {
    code: "ERR_DATABASE_SERIALIZATION",
    when: "A concurrent transaction changed what this one had read; run it again.",
    extends: ConflictError,
    retryable: true,
    details: statement,
  },
  LockTimeoutError: {
    code: "ERR_DATABASE_LOCK_TIMEOUT",
    when: "A lock, or on the embedded engine the turn of another transaction, was waited for too long.",
    extends: TimeoutError,
    details: statement,
  },
  QueryTimeoutError: {
    code: "ERR_DATABASE_QUERY_TIMEOUT",
    when: "The statement took longer than it may and was cancelled.",
    extends: TimeoutError,
    details: statement,
  },
  CancelledError: {
    code: "ERR_DATABASE_CANCELLED",
    when: "The signal was aborted, or somebody cancelled the statement on the server.",
    extends: Cancelled,
    details: statement,
  },
  QueryError: {
    code: "ERR_DATABASE_QUERY",
    when: "The engine refused a statement for any other reason; `details.sqlState` says which.",
    extends: InternalError,
    details: statement,
  },
  ConnectionError: {
    code: "ERR_DATABASE_CONNECTION",
    when: "The connection was lost or could not be made.",
    extends: UnavailableError,
    details: statement,
  },
  PoolExhaustedError: {
    code: "ERR_DATABASE_POOL_EXHAUSTED",
    when: "No connection came free within `acquireTimeout`.",
    extends: UnavailableError,
    details: shape<{ max: number; used: number; pending: number }>(),
  },
  UnreachableError: {
    code: "ERR_DATABASE_UNREACHABLE",
    when: "The database did not answer within `startTimeout`.",
    extends: UnavailableError,
    details: shape<{ url: string; attempts: number }>(),
  },
  UnsupportedError: {
    code: "ERR_DATABASE_UNSUPPORTED",
    when: "The engine can't do what was asked for.",
    extends: InternalError,
  },
  StoppedError: {
    code: "ERR_DATABASE_STOPPED",
    when: "The service was used after `stop()`.",
    extends: UnavailableError,
    retryable: false,
  },
  TransactionStateError: {
    code: "ERR_DATABASE_TRANSACTION_STATE",
    when: "What was asked for is not possible in the transaction that is open.",
    extends: InternalError,
  },
  TransactionClosedError: {
    code: "ERR_DATABASE_TRANSACTION_CLOSED",
    when: "A statement came after the end of its transaction: a promise was not awaited.",
    extends: InternalError,
  },
  RolledBackError: {
    code: "ERR_DATABASE_ROLLED_BACK",
    when: "The work succeeded but the transaction could not be committed, because something in it had failed.",
    extends: InternalError,
  },
  CommitUnknownError: {
    code: "ERR_DATABASE_COMMIT_UNKNOWN",
    when: "The connection was lost during COMMIT: the transaction may or may not have happened.",
    extends: UnavailableError,
    retryable: false,
  },
  MigrationError: {
    code: "ERR_DATABASE_MIGRATION_FAILED",
    when: "A migration threw; `details.rolledBack` says whether what it did is undone. What came before it stays.",
    extends: InternalError,
    details: shape<{ migration: string; direction: "up" | "down"; rolledBack: boolean }>(),
  },
  MigrationInterruptedError: {
    code: "ERR_DATABASE_MIGRATION_INTERRUPTED",
    when: "A migration that could not run in a transaction began and never ended; mend what it left, then `migrate.resolve()`.",
    extends: InternalError,
    details: shape<{ migration: string }>(),
  },
  MigrationSourceError: {
    code: "ERR_DATABASE_MIGRATION_SOURCE",
    when: "Migrations or seeds can't be read: no folder, a file that does not load, no `up`, two of one name.",
    extends: InternalError,
    details: shape<{ migration?: string }>(),
  },
  MigrationLockedError: {
    code: "ERR_DATABASE_MIGRATION_LOCKED",
    when: "Another process was migrating for more than a minute.",
    extends: UnavailableError,
  },
  SeedError: {
    code: "ERR_DATABASE_SEED_FAILED",
    when: "A seed threw; what it did was rolled back, what came before it stays.",
    extends: InternalError,
    details: shape<{ seed: string }>(),
  },
  RowNotFoundError: {
    code: "ERR_DATABASE_ROW_NOT_FOUND",
    when: "A repository was asked for a row that is not there.",
    extends: NotFoundError,
    details: shape<{ table: string }>(),
  },
  StaleRowError: {
    code: "ERR_DATABASE_STALE_ROW",
    when: "Somebody else changed the row since it was read: its version is another one.",
    extends: ConflictError,
    details: shape<{ table: string; version: number }>(),
  },
  CursorError: {
    code: "ERR_DATABASE_CURSOR",
    when: "The cursor of a page is not one that this list gave.",
    extends: ValidationError,
  },
});

export const {
  CancelledError,
  CheckViolationError,
  CommitUnknownError,
  ConnectionError,
  CursorError,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  MigrationError,
  MigrationInterruptedError,
  MigrationLockedError,
  MigrationSourceError,
  NotNullViolationError,
  PoolExhaustedError,
  QueryError,
  QueryTimeoutError,
  RolledBackError,
  RowNotFoundError,
  SeedError,
  SerializationError,
  StaleRowError,
  StoppedError,
  TransactionClosedError,
  TransactionStateError,
  UniqueViolationError,
  UnreachableError,
  UnsupportedError,
} = databaseErrors.classes;

/** Any error of this package. */
export type DatabaseError = ErrorOf<typeof databaseErrors>;
