import { Secret, toMilliseconds, type Duration } from "@infra/interfaces";

import { databaseConfig } from "./config.js";
import { parseDatabaseUrl, type DatabaseUrl } from "./database-url.js";
import { dialectOf } from "./dialect.js";
import type { Migration } from "./migrations/migration.js";
import type { Seed } from "./migrations/seed.js";

/** Options of `DatabaseService`. */
export interface DatabaseOptions {
  /**
   * Which database: `postgres://user:password@host:5432/name`, `mysql://user:password@host:3306/name`, `sqlite:./file`,
   * `pglite:./directory`, `pglite:memory`.
   *
   * @default "pglite:./data/db"
   */
  readonly url?: string | Secret;
  /** URLs of read replicas, for `db.reader`; all other options are those of the database itself. @default none */
  readonly replicas?: readonly (string | Secret)[] | Secret<readonly string[]>;
  /** Other databases, by the name that `db.connection(name)` knows them by. @default none */
  readonly connections?: Readonly<Record<string, DatabaseOptions>>;
  /** Connections at the most; SQLite has one. @default 10 */
  readonly maxConnections?: number;
  /** Connections that are kept open when idle. @default 0 */
  readonly minConnections?: number;
  /** How long `start()` keeps trying to reach the database. @default "10s" */
  readonly startTimeout?: Duration;
  /** How long one connection may take to be made. @default "5s" */
  readonly connectTimeout?: Duration;
  /** How long a statement waits for a free connection. @default "10s" */
  readonly acquireTimeout?: Duration;
  /** How long an idle connection is kept. @default "30s" */
  readonly idleTimeout?: Duration;
  /** A connection that was idle for longer is tried before it is used. @default "5s" */
  readonly validateAfter?: Duration;
  /** How long a statement may run before it is cancelled. @default no limit */
  readonly queryTimeout?: Duration;
  /** How long `stop()` waits for connections in use before it cuts them. @default "10s" */
  readonly stopTimeout?: Duration;
  /** A statement that takes longer is logged as a warning. @default "1s" */
  readonly slowQuery?: Duration;
  /** The folder with the migrations, or the migrations themselves in their order. */
  readonly migrations?: string | URL | readonly Migration[];
  /** The folder with the seeds, or the seeds themselves in their order. */
  readonly seeds?: string | URL | readonly Seed[];
  /** Whether `start()` runs the migrations that are missing. @default false */
  readonly migrateOnStart?: boolean;
}

/** The options with every default filled in, durations in milliseconds. */
export interface ResolvedOptions {
  readonly url: DatabaseUrl;
  readonly replicas: readonly string[];
  readonly connections: Readonly<Record<string, DatabaseOptions>>;
  readonly maxConnections: number;
  readonly minConnections: number;
  readonly startTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly validateAfterMs: number;
  readonly queryTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly slowQueryMs: number;
  readonly migrations: string | URL | readonly Migration[] | undefined;
  readonly seeds: string | URL | readonly Seed[] | undefined;
  readonly migrateOnStart: boolean;
}

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @throws RangeError naming the option and the value received.
 */
export function resolveOptions(options: DatabaseOptions): ResolvedOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DatabaseOptions;
  const all = { queryTimeout: Infinity, ...databaseConfig.defaults(), ...given };
  const milliseconds = (
    name:
      | "startTimeout"
      | "connectTimeout"
      | "acquireTimeout"
      | "idleTimeout"
      | "validateAfter"
      | "queryTimeout"
      | "stopTimeout"
      | "slowQuery",
  ): number => toMilliseconds(all[name], name);
  if (!Number.isInteger(all.maxConnections) || all.maxConnections < 1) {
    throw new RangeError(
      `maxConnections must be a whole number above 0, got ${all.maxConnections}`,
    );
  }
  if (
    !Number.isInteger(all.minConnections) ||
    all.minConnections < 0 ||
    all.minConnections > all.maxConnections
  ) {
    throw new RangeError(
      `minConnections must be a whole number from 0 to maxConnections (${all.maxConnections}), got ${all.minConnections}`,
    );
  }
  const url = parseDatabaseUrl(Secret.reveal(all.url));
  return {
    url,
    replicas: [...Secret.reveal<readonly (string | Secret)[]>(all.replicas ?? [])].map((each) =>
      Secret.reveal(each),
    ),
    connections: all.connections ?? {},
    maxConnections: Math.min(all.maxConnections, dialectOf(url.scheme).maxConnections),
    minConnections: all.minConnections,
    startTimeoutMs: milliseconds("startTimeout"),
    connectTimeoutMs: milliseconds("connectTimeout"),
    acquireTimeoutMs: milliseconds("acquireTimeout"),
    idleTimeoutMs: milliseconds("idleTimeout"),
    validateAfterMs: milliseconds("validateAfter"),
    queryTimeoutMs: milliseconds("queryTimeout"),
    stopTimeoutMs: milliseconds("stopTimeout"),
    slowQueryMs: milliseconds("slowQuery"),
    migrations: all.migrations,
    seeds: all.seeds,
    migrateOnStart: all.migrateOnStart,
  };
}
