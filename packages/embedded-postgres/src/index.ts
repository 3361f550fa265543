export { EmbeddedPostgres } from "./embedded-postgres.js";
export type { CloseOptions, EmbeddedConnectionConfig } from "./embedded-postgres.js";
export type { EmbeddedPostgresStats } from "./engine/counters.js";
export type { OpenProgress } from "./engine/open-pglite.js";
export {
  EmbeddedPostgresClosedError,
  EmbeddedPostgresCrashedError,
  embeddedPostgresErrors,
  EmbeddedPostgresLockedError,
  EmbeddedPostgresOpenError,
  EmbeddedPostgresVersionError,
} from "./errors.js";
export type { EmbeddedPostgresOptions } from "./options.js";
