import {
  optional,
  section,
  silentLogger,
  tokens,
  type Database,
  type HealthReport,
  type Inject,
  type Logger,
  type Managed,
  type QueryOptions,
  type SqlPool,
  type SqlPoolOptions,
  type StartContext,
  type StopContext,
  type Token,
  type TransactionOptions,
} from "@infra/interfaces";
import type { Knex } from "knex";

import { databaseConfig } from "./config.js";
import { resolveOptions, type DatabaseOptions, type ResolvedOptions } from "./database-options.js";
import { EngineConnection } from "./engine-connection.js";
import type { PoolNumbers } from "./joining-client.js";
import { Migrator } from "./migrations/migrator.js";
import { QueryLog, type QueryCounts } from "./query-log.js";
import { runBuilder, type Runnable } from "./run-builder.js";
import { SqlStatement } from "./sql-statement.js";
import { streamRows, type StreamableQuery, type StreamOptions } from "./stream-rows.js";
import { AmbientTransaction } from "./transaction-scope.js";
import { Transactions } from "./transactions.js";

/** Collaborators of {@link DatabaseService}. */
export interface DatabaseDependencies {
  readonly logger?: Logger | undefined;
}

/** What {@link DatabaseService.stats} says. */
export interface DatabaseStats extends QueryCounts {
  /** Connections: the limit, those in use, those idle, and calls that wait for one. */
  readonly pool: {
    readonly max: number;
    readonly used: number;
    readonly free: number;
    readonly pending: number;
  };
}

const healthTimeoutMs = 1_000;

/**
 * A relational database on knex: an embedded PostgreSQL by default, a server when the URL names one. `db.knex` is the
 * ordinary knex, `db.table()`, `db.sql` and `db.query()` are ways to it, and all of them belong to the transaction that
 * the code around them runs in. Connects with `start()` or on first use.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class DatabaseService implements Database, Managed {
  static readonly provides: Token<Database> = tokens.database;
  static readonly inject: Inject<typeof DatabaseService> = {
    options: section(databaseConfig),
    logger: optional(tokens.logger),
  };

  /** Runs the migrations of the option `migrations`. */
  readonly migrate: Migrator;
  readonly #options: ResolvedOptions;
  readonly #ambient = new AmbientTransaction();
  readonly #log: QueryLog;
  readonly #connection: EngineConnection;
  readonly #transactions: Transactions;

  constructor(options: DatabaseOptions = {}, deps: DatabaseDependencies = {}) {
    this.#options = resolveOptions(options);
    const logger = (deps.logger ?? silentLogger).child({ category: "database" });
    this.#log = new QueryLog(logger, this.#options.slowQueryMs);
    const shared = { ambient: this.#ambient, log: this.#log };
    this.#connection = new EngineConnection(this.#options, logger, shared, async (signal) => {
      if (this.#options.migrateOnStart) await this.migrate.latest({ signal });
    });
    this.#transactions = new Transactions({
      ...shared,
      logger,
      knex: this.knex,
      engine: async () => {
        await this.#connection.ready();
        return this.#connection.engine;
      },
    });
    this.migrate = new Migrator({
      source: this.#options.migrations,
      logger,
      knex: this.knex,
      scope: () => this.#ambient.current(),
      transaction: (work, given) => this.#transactions.run(work, given),
    });
  }

  /** The ordinary knex. It connects on first use, and joins the ambient transaction. */
  get knex(): Knex {
    return this.#connection.knex;
  }

  /** The URL of the database, with the password masked. */
  get url(): string {
    return this.#options.url.masked;
  }

  /**
   * Opens the engine and makes the first connection; tries again for `startTimeout` while nobody answers. Runs the
   * migrations when `migrateOnStart` says so.
   *
   * @throws UnreachableError (`ERR_DATABASE_UNREACHABLE`), DriverMissingError (`ERR_DATABASE_DRIVER_MISSING`), the
   * embedded engine's own error when another process has its directory open, or what a migration throws.
   */
  async start(context: StartContext = {}): Promise<void> {
    await this.#connection.start(context.signal);
  }

  /** The same as {@link DatabaseService.start}. */
  connect(context?: StartContext): Promise<void> {
    return this.start(context);
  }

  /** Waits for connections in use, for `stopTimeout` at the most, then closes what was opened. */
  async stop(context: StopContext = {}): Promise<void> {
    await this.#connection.stop(context.signal);
  }

  /** The same as {@link DatabaseService.stop}. */
  disconnect(context?: StopContext): Promise<void> {
    return this.stop(context);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    bindings: readonly unknown[] = [],
    options?: QueryOptions,
  ): Promise<Row[]> {
    if (typeof sql !== "string") throw new TypeError(`sql must be a string, got ${typeof sql}`);
    const missing = bindings.indexOf(undefined);
    if (missing >= 0) {
      throw new TypeError(`bindings[${missing}] is undefined; a SQL NULL is null`);
    }
    const raw = this.knex.raw<{ rows: Row[] }>(sql, bindings as Knex.RawBinding[]);
    return (await this.run(raw, options)).rows;
  }

  /**
   * A statement as a tagged template, its values bound: `` await db.sql<Note>`select * from notes where id = ${id}` ``.
   * Statements can be parts of each other.
   */
  sql<Row = Record<string, unknown>>(
    texts: TemplateStringsArray,
    ...values: readonly unknown[]
  ): SqlStatement<Row> {
    const runner = {
      knex: this.knex,
      execute: async <R>(raw: Knex.Raw, options?: QueryOptions): Promise<R[]> =>
        ((await this.run(raw, options)) as { rows: R[] }).rows,
    };
    return new SqlStatement<Row>(runner, texts, values);
  }

  /** A query builder of knex on one table: `db.table<Note>("notes").where({ id }).first()`. */
  table<Row extends object = Record<string, unknown>>(name: string): Knex.QueryBuilder<Row, Row[]> {
    return this.knex(name) as unknown as Knex.QueryBuilder<Row, Row[]>;
  }

  /**
   * Runs a builder of knex, and cancels it on the server when the signal is aborted or the time is over, the wait for
   * a connection included. The embedded engine can't interrupt a statement: there the call rejects at once, and the
   * statement runs to its end behind its back.
   */
  async run<T>(builder: Runnable<T>, options: QueryOptions = {}): Promise<T> {
    return runBuilder(this.#ambient.current()?.trx.client ?? this.knex.client, builder, options);
  }

  /**
   * The rows of a query one by one, read in batches, so that a large result needs little memory. The ambient transaction
   * is used if there is one; else one is opened and kept until the loop ends. The embedded engine makes everybody else
   * wait for it: there, what the loop queries belongs in `db.transaction()` with the loop itself.
   */
  stream<Row = Record<string, unknown>>(
    query: StreamableQuery,
    options: StreamOptions = {},
  ): AsyncGenerator<Row, void, undefined> {
    return streamRows<Row>(
      { knex: this.knex, scope: () => this.#ambient.current() },
      query,
      options,
    );
  }

  transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#transactions.run(work, options);
  }

  afterCommit(callback: () => void | Promise<void>): void {
    this.#transactions.afterCommit(callback);
  }

  afterRollback(callback: () => void | Promise<void>): void {
    this.#transactions.afterRollback(callback);
  }

  openPool(options: SqlPoolOptions = {}): Promise<SqlPool> {
    return this.#connection.openPool(options);
  }

  async health(): Promise<HealthReport> {
    if (this.#connection.state !== "started") {
      return {
        status: "down",
        message: `the database is not connected (${this.#connection.state})`,
      };
    }
    const { pool } = this.stats();
    const details = { engine: this.#connection.engine.name, ...pool };
    const startedAt = performance.now();
    try {
      await this.#ambient.run(undefined, () =>
        this.query("select 1", [], { timeout: healthTimeoutMs }),
      );
      const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
      return { status: "up", details: { ...details, latencyMs } };
    } catch (error) {
      const busy = pool.used >= pool.max;
      return {
        status: busy ? "degraded" : "down",
        message: busy
          ? `all ${pool.max} connections (maxConnections) are in use`
          : (error as Error).message,
        details,
      };
    }
  }

  stats(): DatabaseStats {
    const pool = this.knex.client.pool as PoolNumbers | undefined;
    return {
      ...this.#log.counts(),
      pool: {
        max: this.#options.maxConnections,
        used: pool?.numUsed() ?? 0,
        free: pool?.numFree() ?? 0,
        pending: pool?.numPendingAcquires() ?? 0,
      },
    };
  }
}
