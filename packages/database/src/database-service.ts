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

import type { Availability } from "./availability.js";
import {
  insertMany,
  upsertMany,
  type BulkHost,
  type InsertManyOptions,
  type UpsertManyOptions,
} from "./bulk.js";
import { databaseConfig } from "./config.js";
import type { ConnectionPool } from "./connection-pool.js";
import { databaseHealth } from "./database-health.js";
import type { DatabaseOptions, ResolvedOptions } from "./database-options.js";
import { databaseParts } from "./database-parts.js";
import type { Dialect } from "./dialect.js";
import type { EngineConnection } from "./engine-connection.js";
import type { Migrator } from "./migrations/migrator.js";
import type { Seeder } from "./migrations/seeder.js";
import type { OtherDatabases } from "./other-databases.js";
import type { QueryCounts, QueryLog } from "./query-log.js";
import { Repository, type RepositoryOptions } from "./repository.js";
import { runBuilder, type Runnable } from "./run-builder.js";
import { SqlStatement } from "./sql-statement.js";
import { streamRows, type StreamableQuery, type StreamOptions } from "./stream-rows.js";
import type { AmbientTransaction } from "./transaction-scope.js";
import type { Transactions } from "./transactions.js";

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
  /** Read replicas: all, and those that answer. */
  readonly replicas: { readonly all: number; readonly up: number };
}

/** A builder on a table that is listed in knex's `interface Tables`. */
export type TypedTable<Name extends Knex.TableNames> = Knex.QueryBuilder<
  Knex.TableType<Name>,
  Knex.ResolveTableType<Knex.TableType<Name>>[]
>;

/** What only reads: of {@link DatabaseService.reader}. */
export type DatabaseReader = Pick<
  DatabaseService,
  "knex" | "query" | "run" | "sql" | "stream" | "table" | "url"
>;

const healthTimeoutMs = 1_000;

/**
 * A relational database on knex: an embedded PostgreSQL by default, PostgreSQL, MySQL or SQLite when the URL says so. `db.knex` is the
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
  /** Runs the seeds of the option `seeds`. */
  readonly seed: Seeder;
  readonly #options: ResolvedOptions;
  readonly #dialect: Dialect;
  readonly #ambient: AmbientTransaction;
  readonly #log: QueryLog;
  readonly #availability: Availability;
  readonly #connection: EngineConnection;
  readonly #transactions: Transactions;
  readonly #others: OtherDatabases;

  constructor(options: DatabaseOptions = {}, deps: DatabaseDependencies = {}) {
    const logger = (deps.logger ?? silentLogger).child({ category: "database" });
    const parts = databaseParts(options, logger, (other) => new DatabaseService(other, deps));
    this.migrate = parts.migrate;
    this.seed = parts.seed;
    this.#options = parts.options;
    this.#dialect = parts.dialect;
    this.#ambient = parts.ambient;
    this.#log = parts.log;
    this.#availability = parts.availability;
    this.#connection = parts.connection;
    this.#transactions = parts.transactions;
    this.#others = parts.others;
  }

  /** The ordinary knex. It connects on first use, and joins the ambient transaction. */
  get knex(): Knex {
    return this.#connection.knex;
  }

  /** The URL of the database, with the password masked. */
  get url(): string {
    return this.#options.url.masked;
  }

  /** Whether the database answered when it was last asked. */
  get reachable(): boolean {
    return this.#availability.up;
  }

  /**
   * A handle to read by: one of the replicas in turn, or this database when there is none that answers, or a transaction is
   * open. Take it anew for each query. What a replica gives may be a little older.
   */
  get reader(): DatabaseReader {
    return this.#ambient.isOpen() ? this : (this.#others.replicas.next() ?? this);
  }

  /**
   * One of the other databases of the option `connections`. It starts and stops with this one; its transactions are its own.
   *
   * @throws RangeError when there is none of that name.
   */
  connection(name: string): DatabaseService {
    return this.#others.connection(name);
  }

  /**
   * Opens the engine and makes the first connection; tries again for `startTimeout` while nobody answers. Runs the
   * migrations when `migrateOnStart` says so.
   *
   * @throws UnreachableError (`ERR_DATABASE_UNREACHABLE`), PeerMissingError (`ERR_PEER_MISSING`), the
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
    await Promise.all([this.#connection.stop(context.signal), this.#others.stop(context.signal)]);
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
    const raw = this.knex.raw(sql, bindings as Knex.RawBinding[]);
    return this.#dialect.rows<Row>(await this.run(raw, options));
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
        this.#dialect.rows<R>(await this.run(raw, options)),
    };
    return new SqlStatement<Row>(runner, texts, values);
  }

  /**
   * A query builder of knex on one table: `db.table<Note>("notes").where({ id }).first()`, or `db.table("notes")` with the type
   * that knex's own `interface Tables` of `knex/types/tables.js` has for that name.
   */
  table<Name extends Knex.TableNames>(name: Name): TypedTable<Name>;
  table<Row extends object = Record<string, unknown>>(name: string): Knex.QueryBuilder<Row, Row[]>;
  table(name: string): unknown {
    return this.knex(name);
  }

  /** The rows of a table as objects, to be found, changed and paged through. */
  repository<Row extends object>(table: string, options?: RepositoryOptions<Row>): Repository<Row> {
    return new Repository<Row>(this.#bulkHost(), table, options);
  }

  /**
   * Inserts many rows in few statements, all or none; gives their number. Rows may have different columns, and come from an
   * async iterable.
   */
  insertMany(
    table: string,
    rows: Iterable<object> | AsyncIterable<object>,
    options: InsertManyOptions = {},
  ): Promise<number> {
    return insertMany(this.#bulkHost(), table, rows, options);
  }

  /** The same as {@link DatabaseService.insertMany}; rows that are there already are changed. */
  upsertMany<Row extends object>(
    table: string,
    rows: Iterable<Row> | AsyncIterable<Row>,
    options: UpsertManyOptions<Row>,
  ): Promise<number> {
    return upsertMany(this.#bulkHost(), table, rows, options);
  }

  /**
   * Runs a builder of knex, and cancels it on the server when the signal is aborted or the time is over, the wait for
   * a connection included. The embedded engine can't interrupt a statement: there the call rejects at once, and the
   * statement runs to its end behind its back. On SQLite a statement that runs can't be given up at all.
   */
  async run<T>(builder: Runnable<T>, options: QueryOptions = {}): Promise<T> {
    return runBuilder(this.#ambient.current()?.trx.client ?? this.knex.client, builder, options);
  }

  /**
   * The rows of a query one by one, read in batches, so that a large result needs little memory. The ambient transaction
   * is used if there is one; else a connection is kept until the loop ends. The embedded engine makes everybody else wait for
   * it: there, what the loop queries belongs in `db.transaction()` with the loop itself. On MySQL it is the other way round:
   * a transaction can run nothing else while it is being streamed in. SQLite makes a temporary copy first.
   */
  stream<Row = Record<string, unknown>>(
    query: StreamableQuery,
    options: StreamOptions = {},
  ): AsyncGenerator<Row, void, undefined> {
    return streamRows<Row>(
      { knex: this.knex, dialect: this.#dialect, scope: () => this.#ambient.current() },
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

  /** @throws UnsupportedError (`ERR_DATABASE_UNSUPPORTED`) on MySQL and SQLite. */
  openPool(options: SqlPoolOptions = {}): Promise<SqlPool> {
    return this.#connection.openPool(options);
  }

  health(): Promise<HealthReport> {
    const ask = (): Promise<unknown> =>
      this.#ambient.run(undefined, () => this.query("select 1", [], { timeout: healthTimeoutMs }));
    const { pool } = this.stats();
    return databaseHealth({ connection: this.#connection, others: this.#others, pool, ask });
  }

  stats(): DatabaseStats {
    const pool = this.knex.client.pool as ConnectionPool | undefined;
    return {
      ...this.#log.counts(),
      pool: {
        max: this.#options.maxConnections,
        used: pool?.numUsed() ?? 0,
        free: pool?.numFree() ?? 0,
        pending: pool?.numPendingAcquires() ?? 0,
      },
      replicas: { all: this.#others.replicas.all.length, up: this.#others.replicas.up },
    };
  }

  #bulkHost(): BulkHost {
    return {
      knex: this.knex,
      dialect: this.#dialect,
      transaction: (work) => this.#transactions.run(work),
    };
  }
}
