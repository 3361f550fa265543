export { EmbeddedPostgres } from "./embedded-postgres.js";
export type { CloseOptions, DumpOptions, EmbeddedConnectionConfig } from "./embedded-postgres.js";
export type { EmbeddedPostgresStats } from "./engine/counters.js";
export type { OpenProgress } from "./engine/open-pglite.js";
export {
  EmbeddedPostgresClosedError,
  EmbeddedPostgresCrashedError,
  EmbeddedPostgresDumpError,
  embeddedPostgresErrors,
  EmbeddedPostgresLockedError,
  EmbeddedPostgresOpenError,
  EmbeddedPostgresRestoreError,
  EmbeddedPostgresVersionError,
} from "./errors.js";
export type { EmbeddedPostgresOptions } from "./options.js";
export type { RestoreOptions } from "./restore.js";
export type { SqlScript } from "./sql-script.js";
