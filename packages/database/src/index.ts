export type { InsertManyOptions, UpsertManyOptions } from "./bulk.js";
export { databaseConfig } from "./config.js";
export type { DatabaseOptions } from "./database-options.js";
export { DatabaseService } from "./database-service.js";
export type {
  DatabaseDependencies,
  DatabaseReader,
  DatabaseStats,
  TypedTable,
} from "./database-service.js";
export type { DatabaseUrl, DatabaseScheme } from "./database-url.js";
export type { Cancellation, Engine, OpenContext, RawConnection } from "./driver.js";
export {
  CancelledError,
  CheckViolationError,
  CommitUnknownError,
  ConnectionError,
  CursorError,
  databaseErrors,
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
} from "./errors.js";
export type { DatabaseError, StatementDetails, ViolationDetails } from "./errors.js";
export type { Migration } from "./migrations/migration.js";
export type { Direction } from "./migrations/migration-step.js";
export type {
  MigrateOptions,
  MigratePlanOptions,
  MigrateStepsOptions,
  MigrationStatus,
  Migrator,
} from "./migrations/migrator.js";
export type { PlannedMigration } from "./migrations/plan-migrations.js";
export type { Seed } from "./migrations/seed.js";
export type { Seeder, SeedOptions } from "./migrations/seeder.js";
export type { QueryCounts } from "./query-log.js";
export type { Page, PageOptions } from "./read-page.js";
export { Repository } from "./repository.js";
export type { ChangeOptions, RepositoryOptions, Where } from "./repository.js";
export type { Runnable } from "./run-builder.js";
export type { SqlStatement } from "./sql-statement.js";
export type { StreamableQuery, StreamOptions } from "./stream-rows.js";
