export { databaseConfig } from "./config.js";
export type { DatabaseOptions } from "./database-options.js";
export { DatabaseService } from "./database-service.js";
export type { DatabaseDependencies, DatabaseStats } from "./database-service.js";
export type { DatabaseUrl, DatabaseScheme } from "./database-url.js";
export type { Engine, OpenContext, RawConnection } from "./driver.js";
export {
  CancelledError,
  CheckViolationError,
  CommitUnknownError,
  ConnectionError,
  databaseErrors,
  DeadlockError,
  DriverMissingError,
  ForeignKeyViolationError,
  LockTimeoutError,
  MigrationError,
  MigrationLockedError,
  MigrationSourceError,
  NotNullViolationError,
  PoolExhaustedError,
  QueryError,
  QueryTimeoutError,
  RolledBackError,
  SerializationError,
  StoppedError,
  TransactionClosedError,
  TransactionStateError,
  UniqueViolationError,
  UnreachableError,
} from "./errors.js";
export type { DatabaseError, StatementDetails, ViolationDetails } from "./errors.js";
export type { Migration } from "./migrations/migration.js";
export type { MigrateOptions, MigrationStatus, Migrator } from "./migrations/migrator.js";
export type { QueryCounts } from "./query-log.js";
export type { Runnable } from "./run-builder.js";
export type { SqlStatement } from "./sql-statement.js";
export type { StreamableQuery, StreamOptions } from "./stream-rows.js";
