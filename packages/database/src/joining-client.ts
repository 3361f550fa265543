import type { IsolationLevel, Logger } from "@infra/interfaces";
import knex, { type Knex } from "knex";

import type { Availability } from "./availability.js";
import { runCancellable } from "./cancellable.js";
import { ConnectionCheck } from "./connection-check.js";
import { ConnectionPool, type PoolSettings } from "./connection-pool.js";
import { dispose, stateOf } from "./connection-state.js";
import type { ResolvedOptions } from "./database-options.js";
import type { Dialect } from "./dialect.js";
import type { Ask } from "./driver-error.js";
import type { Engine, RawConnection } from "./driver.js";
import { ConnectionError, RolledBackError, TransactionStateError } from "./errors.js";
import {
  runInTurn,
  unwrapQuery,
  type OpeningTransaction,
  type RunStatement,
} from "./opening-transaction.js";
import { patiently } from "./patiently.js";
import type { QueryLog, Statement } from "./query-log.js";
import { takeControl } from "./statement-control.js";
import { givenConnection, shortenRunner, type RunnerClass } from "./statement-runner.js";
import type { AmbientTransaction } from "./transaction-scope.js";

/** What the client needs of the service it belongs to. */
export interface ClientHost {
  readonly options: ResolvedOptions;
  readonly dialect: Dialect;
  readonly ambient: AmbientTransaction;
  readonly log: QueryLog;
  readonly logger: Logger;
  readonly availability: Availability;
  /** Connects on first use; `undefined` when that has been done. */
  ready(): Promise<void> | undefined;
  engine(): Engine;
}

/** A client of knex with what this package adds. */
export interface JoiningClient extends Knex.Client {
  readonly connections: ReadonlySet<RawConnection>;
  /** Takes a connection without asking whether the service has been started. */
  connectNow(): Promise<RawConnection>;
  /** Refuses statements on a connection until the function that it gives is called. */
  hold(connection: RawConnection): () => void;
  /** Asks the server to end what runs on a connection. */
  endStatement(connection: RawConnection): Promise<void>;
  /** The typed error that an error of the client library amounts to. */
  translate(error: unknown, sql: string, connection: RawConnection): unknown;
}

/** Where the client of a transaction keeps its connection. */
const own = Symbol("infra.database.own");

const yes = Promise.resolve(true);

/**
 * A knex whose root handle joins the ambient transaction, connects on first use, tries connections that were idle
 * before it uses them, cancels on the server, and rejects with this package's errors. All of it is a subclass of
 * knex's own client, so every builder, plugin and type of knex stays what it is.
 */
export function createKnex(host: ClientHost): Knex {
  const { options, ambient, log, dialect, availability } = host;
  const connections = new Set<RawConnection>();
  const check = new ConnectionCheck(dialect, options.validateAfterMs, () => host.engine());
  const plain = knex({ ...dialect.knexConfig, client: dialect.knexClient }).client as Knex.Client;
  const Base = plain.constructor as typeof Knex.Client;
  const Runner = shortenRunner((plain.runner(undefined) as object).constructor as RunnerClass);

  // The clients of transactions are made from this prototype without its constructor: no fields here.
  class Client extends Base {
    get connections(): ReadonlySet<RawConnection> {
      return connections;
    }

    /** The library arrives with the engine, when the service starts. */
    override initializeDriver(): void {}

    override runner(builder: { [givenConnection]?: unknown }): unknown {
      const scope =
        "transacting" in this || builder[givenConnection] !== undefined ? undefined : openScope();
      return scope ? scope.trx.client.runner(builder) : new Runner(this, builder);
    }

    override transaction(
      container: (trx: Knex.Transaction) => Promise<unknown>,
      config: Knex.TransactionConfig & { connection?: unknown },
      outer: unknown,
    ): Knex.Transaction {
      const scope = "transacting" in this || config?.connection ? undefined : openScope();
      if (scope) return scope.trx.transaction(container, config) as unknown as Knex.Transaction;
      const opening = super.transaction(container, config, outer) as OpeningTransaction;
      // knex's own runs the container even when BEGIN has failed
      opening.begin = (connection) => {
        const { isolationLevel: isolation, readOnly = false, trxClient } = opening;
        const mode = { isolation: isolation as IsolationLevel | undefined, readOnly };
        (trxClient as { [own]?: RawConnection })[own] = connection;
        unwrapQuery(opening, connection, Client.prototype.query.bind(trxClient) as RunStatement);
        return runInTurn(trxClient, connection, dialect.begin(mode));
      };
      return opening;
    }

    connectionAtHand(): RawConnection | undefined {
      if ("transacting" in this) return (this as { [own]?: RawConnection })[own];
      ambient.current();
      const pool = this.pool as ConnectionPool | undefined;
      return pool && pool.numFree() > 0 && !host.ready() ? pool.takeIdle() : undefined;
    }

    override acquireConnection(): Promise<RawConnection> {
      try {
        const atHand = this.connectionAtHand();
        if (atHand) return Promise.resolve(atHand);
        const ready = host.ready();
        return ready ? ready.then(() => this.connectNow()) : this.connectNow();
      } catch (error) {
        return Promise.reject(error);
      }
    }

    connectNow(): Promise<RawConnection> {
      return (super.acquireConnection() as Promise<RawConnection>).then(undefined, (error) =>
        this.notConnected(error),
      );
    }

    async notConnected(error: unknown): Promise<never> {
      if (!(error instanceof knex.KnexTimeoutError)) throw await failed(error);
      throw (this.pool as ConnectionPool).exhausted(options.acquireTimeoutMs, error);
    }

    override releaseConnection(connection: RawConnection): Promise<void> {
      const state = stateOf(connection);
      state.release();
      if (state.busy) dispose(connection, "released while a statement ran");
      dialect.reset?.(connection);
      // stop() may not have waited for it
      return this.pool ? (super.releaseConnection(connection) as Promise<void>) : Promise.resolve();
    }

    override async acquireRawConnection(): Promise<RawConnection> {
      const connection = (await super.acquireRawConnection()) as RawConnection;
      connections.add(connection);
      return connection;
    }

    override destroyRawConnection(connection: RawConnection): Promise<void> {
      connections.delete(connection);
      return super.destroyRawConnection(connection);
    }

    override initializePool(config: Knex.Config = this.config): void {
      this.pool ??= new ConnectionPool(this.getPoolSettings(config.pool) as PoolSettings, check);
    }

    /** knex's own says yes to nearly everything. */
    override validateConnection(connection: RawConnection): Promise<boolean> {
      return check.isFresh(connection) ? yes : check.answers(connection);
    }

    hold(connection: RawConnection): () => void {
      return stateOf(connection).hold();
    }

    async endStatement(connection: RawConnection): Promise<void> {
      await host
        .engine()
        .cancel(connection)
        .catch(() => {});
    }

    translate(error: unknown, sql: string, connection: RawConnection): unknown {
      return failed(error, sql, async (question, bindings) =>
        dialect.rows(
          ((await super.query(connection, { sql: question, bindings })) as Executed).response,
        ),
      );
    }

    override prepBindings(bindings: readonly unknown[] = []): readonly unknown[] {
      return dialect.bind(super.prepBindings(bindings) as readonly unknown[]);
    }

    override positionBindings(sql: string): string {
      return dialect.position ? dialect.position(sql) : (super.positionBindings(sql) as string);
    }

    override query(connection: RawConnection, given: string | Statement): Promise<unknown> {
      const statement = typeof given === "string" ? { sql: given } : given;
      const control = takeControl(statement, statement !== given, options, ambient);
      const state = stateOf(connection);
      const before = state.enter();
      if (!before && !control) return this.issue(connection, statement, given);
      const begin = (): Promise<unknown> => {
        if (!control) return this.issue(connection, statement, given);
        if (control.signal?.aborted) state.leave();
        const issue = (): Promise<unknown> => this.issue(connection, statement, given);
        return runCancellable(issue, control, () => host.engine().cancel(connection));
      };
      return before ? before.then(begin) : begin();
    }

    /** @param given the statement, or the text of one of knex itself, which opens or ends a transaction. */
    issue(
      connection: RawConnection,
      statement: Statement,
      given: string | Statement,
    ): Promise<unknown> {
      const state = stateOf(connection);
      const startedAt = performance.now();
      return this.execute(connection, statement).then(
        (result) => {
          state.leave();
          log.record(statement, performance.now() - startedAt);
          availability.succeeded();
          if (given === "COMMIT;") checkCommit(result);
          else if (given === statement) this.checkOpen(result);
          return result;
        },
        async (error: unknown) => {
          log.record(statement, performance.now() - startedAt, error);
          const translated = await this.translate(error, statement.sql, connection);
          state.leave();
          if (given === "ROLLBACK") dispose(connection, error);
          else if (given === statement) this.failScope(translated);
          throw translated;
        },
      );
    }

    execute(connection: RawConnection, statement: Statement): Promise<Executed> {
      const run = (): Promise<Executed> => {
        try {
          return super.query(connection, statement) as Promise<Executed>;
        } catch (error) {
          return Promise.reject(error);
        }
      };
      return dialect.isBusy ? patiently(run, dialect.isBusy, options.acquireTimeoutMs) : run();
    }

    /** What has failed in a transaction fails it, on engines that would go on as well. */
    failScope(cause: unknown): void {
      const scope = "transacting" in this ? openScope() : undefined;
      if (scope?.trx.client === this) scope.failure ??= { cause };
    }

    /** A schema change ends the transaction on some engines, and nobody says so. */
    checkOpen({ response }: Executed): void {
      if (!dialect.endedTransaction || !("transacting" in this) || ambient.migrating) return;
      if (!dialect.endedTransaction(response)) return;
      const error = new TransactionStateError(
        "this statement committed the transaction that it ran in: the engine can't change the schema inside of one",
      );
      this.failScope(error);
      throw error;
    }
  }

  async function failed(thrown: unknown, sql?: string, ask: Ask = nobody): Promise<unknown> {
    const error = await dialect.translate(thrown, sql, ask);
    if (ConnectionError.is(error)) availability.failed(error.message);
    return error;
  }

  /** A transaction that is over is found out when a connection is asked for, where an error has a way out. */
  function openScope(): ReturnType<AmbientTransaction["current"]> {
    try {
      return ambient.current();
    } catch {
      return undefined;
    }
  }

  const debug = (message: unknown): void => host.logger.debug("knex", { text: String(message) });
  return knex({
    ...dialect.knexConfig,
    // the engine's client knows where to go; SQLite's asks for a name all the same
    connection: { filename: "" },
    client: Client,
    pool: {
      min: options.minConnections,
      max: options.maxConnections,
      acquireTimeoutMillis: finite(options.acquireTimeoutMs),
      // the client's own time-out comes first: it says why
      createTimeoutMillis: finite(options.connectTimeoutMs + 1_000),
      idleTimeoutMillis: finite(options.idleTimeoutMs),
      ...dialect.knexConfig.pool,
    },
    // values must not end up in messages
    compileSqlOnError: false,
    log: { warn: debug, error: debug, debug, deprecate: debug },
  });
}

/** What a COMMIT answers after a statement failed and nobody said so. */
function checkCommit({ response }: Executed): void {
  if ((response as { command?: string } | undefined)?.command !== "ROLLBACK") return;
  throw new RolledBackError(
    "the transaction was rolled back instead of committed: a statement in it had failed and the error went no further; use { propagation: 'nested' } for what may fail",
  );
}

const nobody = (): Promise<never> => Promise.reject(new Error("there is no connection to ask"));

interface Executed {
  readonly response?: unknown;
}

const finite = (ms: number): number => Math.min(ms, 2_147_483_647);
