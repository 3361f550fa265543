import type { Logger, SqlPool, SqlPoolOptions } from "@infra/interfaces";

import type { DatabaseUrl } from "./database-url.js";
import { openEmbedded } from "./drivers/embedded.js";
import { openPostgres } from "./drivers/postgres.js";

/** One raw connection, as the client library has it. */
export type RawConnection = object;

/** What a driver is given to open its engine. */
export interface OpenContext {
  readonly url: DatabaseUrl;
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
}

/** An engine that is open: what knex and pools stand on. */
export interface Engine {
  readonly name: "postgres" | "embedded";
  /** The client library as knex expects it; its connections know where to go. */
  readonly client: unknown;
  /** Whether two transactions can be open at the same time. */
  readonly concurrentTransactions: boolean;
  /** Asks the server to end what a connection is running; `false` where that can't be done. */
  cancel(connection: RawConnection): Promise<boolean>;
  /** Cuts a connection without asking anybody. */
  terminate(connection: RawConnection): void;
  openPool(options: SqlPoolOptions, onError: (error: Error) => void): SqlPool;
  /** Closes what was opened; at once when the signal is aborted. */
  close(signal?: AbortSignal): Promise<void>;
}

/** Opens the engine that a URL names. Makes no connection yet, except to an embedded engine. */
export function openEngine(context: OpenContext): Promise<Engine> {
  return context.url.scheme === "pglite" ? openEmbedded(context) : openPostgres(context);
}
