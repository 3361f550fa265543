import { importPeer } from "@infra/errors";
import type { Database, SqlPool } from "@infra/interfaces";
import { abortable } from "@infra/promises";

import { BullJobEngine } from "../bull/bull-engine.js";
import type { BullBinding, OpenBull } from "../bull/bull-types.js";
import { calm } from "../bull/calm-backend.js";
import { placesPerPriority } from "../bull/job-options.js";
import { loadBull } from "../bull/load-bull.js";
import { eventSafe } from "../bull/postgres-backend.js";
import { pagesFromOldest } from "../bull/postgres-ranges.js";
import { createSideTables, SqlSideStore } from "../bull/sql-store.js";
import { withTransactionQueue } from "../bull/sql-transaction.js";
import { openEmbeddedPool, openServerPool, type OwnPool } from "../own-pool.js";

/** Options of {@link PostgresJobEngine}. */
export interface PostgresJobEngineOptions {
  /** `postgres://user:password@host:5432/name`, `pglite:./directory` or `pglite:memory`. */
  readonly url?: string | undefined;
  /** A database to open a pool on, embedded or not; inside its transactions jobs are added when they commit. */
  readonly database?: Database | undefined;
  /** The name of the queue. @default "jobs" */
  readonly queue?: string | undefined;
  /** Connections at the most, four of which are held for ever. @default 10 */
  readonly maxConnections?: number | undefined;
  /** Told what goes wrong beside the calls. */
  readonly onError?: ((error: Error) => void) | undefined;
}

const schema = "bullmq";

/** Jobs in PostgreSQL, on a server or embedded, by BullMQ in the schema `bullmq`. */
export class PostgresJobEngine extends BullJobEngine {
  /** @throws RangeError when there is neither a URL nor a database. */
  constructor(options: PostgresJobEngineOptions) {
    const { queue = "jobs", onError = () => {}, url, database, maxConnections = 10 } = options;
    if (url === undefined && database === undefined) {
      throw new RangeError("PostgresJobEngine: needs a url or a database, got neither");
    }
    if (!Number.isInteger(maxConnections) || maxConnections < 5) {
      throw new RangeError(
        `maxConnections must be a whole number from 5, got ${String(maxConnections)}`,
      );
    }
    super("postgres", queue, new PostgresBinding(options, queue, onError), onError);
  }
}

class PostgresBinding implements BullBinding {
  readonly #options: PostgresJobEngineOptions;
  readonly #queue: string;
  readonly #onError: (error: Error) => void;

  constructor(options: PostgresJobEngineOptions, queue: string, onError: (error: Error) => void) {
    this.#options = options;
    this.#queue = queue;
    this.#onError = onError;
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<OpenBull> {
    const { database } = this.#options;
    const bull = await loadBull();
    await importPeer("pg", () => import("pg"), { for: "a job queue on PostgreSQL" });
    const opening = this.#openPool();
    const own = await abortable(opening, { signal }).catch((error: unknown) => {
      opening.then((late) => late.destroy()).catch(this.#onError);
      throw error;
    });
    const { pool } = own;
    try {
      const client = await abortable(pool.connect(), { signal });
      try {
        await abortable(bull.runMigrations(client, schema), { signal });
      } finally {
        client.release();
      }
      await abortable(createSideTables(pool), { signal });
    } catch (error) {
      await own.destroy();
      throw error;
    }
    const backend = pagesFromOldest(eventSafe(bull.createPostgresBackend));
    return {
      library: bull,
      backend: calm(backend),
      options: { connection: pool },
      gathers: true,
      store: new SqlSideStore(pool, this.#queue, placesPerPriority),
      ping: () => pool.query("select 1"),
      destroy: () => own.destroy(),
      ...(database && {
        inTransaction: (work) =>
          withTransactionQueue(database, this.#queue, { library: bull, backend }, work),
      }),
    };
  }

  #openPool(): Promise<OwnPool> {
    const { url, database, maxConnections: max = 10 } = this.#options;
    if (database) return this.#onDatabase(database, max);
    const settings = { max, options: `-c search_path=${schema}` };
    return url!.startsWith("pglite:")
      ? openEmbeddedPool(url!, settings, this.#onError)
      : openServerPool(url!, settings, this.#onError);
  }

  async #onDatabase(database: Database, max: number): Promise<OwnPool> {
    const pool: SqlPool = await database.openPool({ max, settings: { search_path: schema } });
    return { pool, destroy: () => endSoon(pool) };
  }
}

/** What is still held when the time is over ends with the database. */
async function endSoon(pool: SqlPool): Promise<void> {
  await abortable(pool.end(), { signal: AbortSignal.timeout(1_000) }).catch(() => {});
}
