import type { Logger, SqlPool, SqlPoolOptions } from "@infra/interfaces";

import type { DatabaseScheme, DatabaseUrl } from "./database-url.js";

/** One raw connection, as the client library has it. */
export type RawConnection = object;

/** What a driver is given to open its engine. */
export interface OpenContext {
  readonly url: DatabaseUrl;
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * What became of asking the server to end a statement: it will fail soon; it will end soon, and what it gives must not be
 * believed; it can't be ended.
 */
export type Cancellation = "fails" | "ends" | "runs on";

/** An engine that is open: what knex and pools stand on. */
export interface Engine {
  readonly name: "postgres" | "embedded" | "mysql" | "sqlite";
  /** The client library as knex expects it; its connections know where to go. */
  readonly client: unknown;
  /** Whether two transactions can be open at the same time. */
  readonly concurrentTransactions: boolean;
  /** Asks the server to end what a connection is running. */
  cancel(connection: RawConnection): Promise<Cancellation>;
  /** Cuts a connection without asking anybody. */
  terminate(connection: RawConnection): void;
  /**
   * Takes the lock of the migrations on a connection of its own, which a crash does not leave behind; `undefined` when
   * somebody else has it.
   */
  lock(): Promise<AsyncDisposable | undefined>;
  /** @throws UnsupportedError where there are no pools of `pg`. */
  openPool(options: SqlPoolOptions, onError: (error: Error) => void): SqlPool;
  /** Closes what was opened; at once when the signal is aborted. */
  close(signal?: AbortSignal): Promise<void>;
}

type Open = (context: OpenContext) => Promise<Engine>;

const drivers: Readonly<Record<DatabaseScheme, () => Promise<Open>>> = {
  postgres: async () => (await import("./drivers/postgres.js")).openPostgres,
  pglite: async () => (await import("./drivers/embedded.js")).openEmbedded,
  mysql: async () => (await import("./drivers/mysql.js")).openMysql,
  sqlite: async () => (await import("./drivers/sqlite.js")).openSqlite,
};

/** Opens the engine that a URL names. Makes no connection yet, except to an embedded engine. */
export async function openEngine(context: OpenContext): Promise<Engine> {
  const open = await drivers[context.url.scheme]();
  return open(context);
}
