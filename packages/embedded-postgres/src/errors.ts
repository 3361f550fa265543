import {
  ConflictError,
  defineErrors,
  InternalError,
  shape,
  UnavailableError,
  ValidationError,
} from "@infra/errors";

/** Every error of this package; errors of SQL are those of the client that ran it. */
export const embeddedPostgresErrors = defineErrors({
  EmbeddedPostgresLockedError: {
    code: "ERR_EMBEDDED_POSTGRES_LOCKED",
    when: "The directory is in use by another process, which the message names.",
    extends: ConflictError,
  },
  EmbeddedPostgresOpenError: {
    code: "ERR_EMBEDDED_POSTGRES_OPEN",
    when: "The database could not be opened; the message holds what PostgreSQL said.",
    extends: InternalError,
  },
  EmbeddedPostgresVersionError: {
    code: "ERR_EMBEDDED_POSTGRES_VERSION",
    when: "The directory was made by another major version of PostgreSQL.",
    extends: InternalError,
  },
  EmbeddedPostgresCrashedError: {
    code: "ERR_EMBEDDED_POSTGRES_CRASHED",
    when: "The engine has died; what was acknowledged is on the disk, open the directory again.",
    extends: UnavailableError,
  },
  EmbeddedPostgresDumpError: {
    code: "ERR_EMBEDDED_POSTGRES_DUMP",
    when: "pg_dump failed; the message holds what it said.",
    extends: InternalError,
  },
  EmbeddedPostgresRestoreError: {
    code: "ERR_EMBEDDED_POSTGRES_RESTORE",
    when: "A statement of the script failed, or the script is cut off; nothing was restored. The message names the line.",
    extends: ValidationError,
    details: shape<{ readonly line: number; readonly sqlState?: string }>(),
  },
  EmbeddedPostgresClosedError: {
    code: "ERR_EMBEDDED_POSTGRES_CLOSED",
    when: "The database was used after `close()`.",
    extends: UnavailableError,
  },
});

const { classes } = embeddedPostgresErrors;

/** The directory is in use by another process. */
export const EmbeddedPostgresLockedError = classes.EmbeddedPostgresLockedError;
/** The database could not be opened. */
export const EmbeddedPostgresOpenError = classes.EmbeddedPostgresOpenError;
/** Another major version of PostgreSQL made the directory. */
export const EmbeddedPostgresVersionError = classes.EmbeddedPostgresVersionError;
/** The engine has died. */
export const EmbeddedPostgresCrashedError = classes.EmbeddedPostgresCrashedError;
/** pg_dump failed. */
export const EmbeddedPostgresDumpError = classes.EmbeddedPostgresDumpError;
/** A script could not be restored. */
export const EmbeddedPostgresRestoreError = classes.EmbeddedPostgresRestoreError;
/** The database was used after it was closed. */
export const EmbeddedPostgresClosedError = classes.EmbeddedPostgresClosedError;
