import type { Logger } from "@infra/interfaces";
import knex, { type Knex } from "knex";

import { runCancellable, type StatementControl } from "./cancellable.js";
import type { ResolvedOptions } from "./database-options.js";
import type { Engine, RawConnection } from "./driver.js";
import { PoolExhaustedError, RolledBackError } from "./errors.js";
import { translatePostgresError } from "./postgres-errors.js";
import type { QueryLog, Statement } from "./query-log.js";
import type { AmbientTransaction } from "./transaction-scope.js";

/** What the client needs of the service it belongs to. */
export interface ClientHost {
  readonly options: ResolvedOptions;
  readonly ambient: AmbientTransaction;
  readonly log: QueryLog;
  readonly logger: Logger;
  /** Connects on first use; `undefined` when that has been done. */
  ready(): Promise<void> | undefined;
  engine(): Engine;
}

/** Where a builder's query context carries the {@link StatementControl}. */
export const controlKey = Symbol("infra.database.control");

/** The parts of tarn's pool that are read. */
export interface PoolNumbers {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

/** A client of knex with what this package adds. */
export interface JoiningClient extends Knex.Client {
  readonly connections: ReadonlySet<RawConnection>;
  /** Takes a connection without asking whether the service has been started. */
  connectNow(): Promise<RawConnection>;
}

interface ConnectionState {
  /** Resolves when every statement so far has ended. */
  tail: Promise<void> | undefined;
  running: number;
  idleSince: number;
}

/** knex's own mark on a connection that must not be used again. */
const disposed = "__knex__disposed";

/** Where a builder of knex keeps the connection that it was given. */
const givenConnection = "_connection";

type Disposable = RawConnection & { [disposed]?: unknown };

const validateTimeoutMs = 2_000;

/**
 * A knex whose root handle joins the ambient transaction, connects on first use, tries connections that were idle
 * before it uses them, cancels on the server, and rejects with this package's errors. All of it is a subclass of
 * knex's own client, so every builder, plugin and type of knex stays what it is.
 */
export function createKnex(host: ClientHost): Knex {
  const { options, ambient, log } = host;
  const states = new WeakMap<RawConnection, ConnectionState>();
  const connections = new Set<RawConnection>();
  const stateOf = (connection: RawConnection): ConnectionState => {
    let state = states.get(connection);
    if (!state) {
      state = { tail: undefined, running: 0, idleSince: performance.now() };
      states.set(connection, state);
    }
    return state;
  };
  const Dialect = knex({ client: "pg" }).client.constructor as typeof Knex.Client;

  // The clients of transactions are made from this prototype without its constructor: no fields here.
  class Client extends Dialect {
    get connections(): ReadonlySet<RawConnection> {
      return connections;
    }

    /** The library arrives with the engine, when the service starts. */
    override initializeDriver(): void {}

    override runner(builder: { [givenConnection]?: unknown }): unknown {
      const scope =
        "transacting" in this || builder[givenConnection] !== undefined ? undefined : openScope();
      return scope ? scope.trx.client.runner(builder) : super.runner(builder);
    }

    override transaction(
      container: (trx: Knex.Transaction) => Promise<unknown>,
      config: Knex.TransactionConfig & { connection?: unknown },
      outer: unknown,
    ): Knex.Transaction {
      const scope = "transacting" in this || config?.connection ? undefined : openScope();
      return (
        scope
          ? scope.trx.transaction(container, config)
          : super.transaction(container, config, outer)
      ) as Knex.Transaction;
    }

    override async acquireConnection(): Promise<RawConnection> {
      ambient.current();
      await host.ready();
      return this.connectNow();
    }

    async connectNow(): Promise<RawConnection> {
      try {
        return (await super.acquireConnection()) as RawConnection;
      } catch (error) {
        if (!(error instanceof knex.KnexTimeoutError)) throw translatePostgresError(error);
        const pool = this.pool as PoolNumbers;
        const details = {
          max: options.maxConnections,
          used: pool.numUsed(),
          pending: pool.numPendingAcquires(),
        };
        throw new PoolExhaustedError(
          `no connection came free within ${options.acquireTimeoutMs} ms (acquireTimeout): ${details.used} of ${details.max} (maxConnections) are in use, ${details.pending} more calls wait`,
          { cause: error, details },
        );
      }
    }

    override releaseConnection(connection: Disposable): Promise<void> {
      const state = stateOf(connection);
      state.idleSince = performance.now();
      if (state.running > 0) connection[disposed] = "released while a statement ran";
      return super.releaseConnection(connection) as Promise<void>;
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

    /** knex's own says yes to everything. */
    override async validateConnection(connection: RawConnection): Promise<boolean> {
      if (performance.now() - stateOf(connection).idleSince < options.validateAfterMs) return true;
      try {
        await runCancellable(
          () => (connection as Queryable).query("select 1"),
          { timeoutMs: validateTimeoutMs },
          () => Promise.resolve(false),
        );
        return true;
      } catch {
        host.engine().terminate(connection);
        return false;
      }
    }

    override query(connection: RawConnection, given: string | Statement): Promise<unknown> {
      const state = stateOf(connection);
      const statement = typeof given === "string" ? { sql: given } : given;
      const control = takeControl(statement, typeof given === "string");
      // pg wants one statement at a time on a connection
      const before = state.tail;
      let release!: () => void;
      const tail = new Promise<void>((resolve) => (release = resolve));
      state.tail = tail;
      state.running += 1;
      const done = (): void => {
        state.running -= 1;
        if (state.tail === tail) state.tail = undefined;
        release();
      };
      const issue = async (): Promise<unknown> => {
        const startedAt = performance.now();
        let result: Executed;
        try {
          result = (await super.query(connection, statement)) as Executed;
        } catch (error) {
          log.record(statement, performance.now() - startedAt, error);
          if (given === "ROLLBACK") (connection as Disposable)[disposed] = error;
          throw translatePostgresError(error, statement.sql);
        } finally {
          done();
        }
        log.record(statement, performance.now() - startedAt);
        // what a COMMIT answers after a statement failed and nobody said so
        if (given === "COMMIT;" && result.response?.command === "ROLLBACK") {
          throw new RolledBackError(
            "the transaction was rolled back instead of committed: a statement in it had failed and the error went no further; use { propagation: 'nested' } for what may fail",
          );
        }
        return result;
      };
      const begin = (): Promise<unknown> => {
        if (!control) return issue();
        if (control.signal?.aborted) done();
        return runCancellable(issue, control, () => host.engine().cancel(connection));
      };
      return before ? before.then(begin) : begin();
    }
  }

  /** A transaction that is over is found out when a connection is asked for, where an error has a way out. */
  function openScope(): ReturnType<AmbientTransaction["current"]> {
    try {
      return ambient.current();
    } catch {
      return undefined;
    }
  }

  function takeControl(statement: Statement, internal: boolean): StatementControl | undefined {
    const own = (statement.queryContext as Record<symbol, StatementControl> | undefined)?.[
      controlKey
    ];
    // a builder's .timeout() would stop waiting but let the statement run on
    const limit = own?.timeoutMs ?? (statement.timeout || defaultLimit(internal));
    statement.timeout = undefined;
    return own?.signal || limit !== undefined
      ? { signal: own?.signal, timeoutMs: limit }
      : undefined;
  }

  function defaultLimit(internal: boolean): number | undefined {
    const unlimited = internal || options.queryTimeoutMs === Infinity || openScope()?.unlimited;
    return unlimited ? undefined : options.queryTimeoutMs;
  }

  const debug = (message: unknown): void => host.logger.debug("knex", { text: String(message) });
  return knex({
    client: Client,
    connection: {},
    pool: {
      min: options.minConnections,
      max: options.maxConnections,
      acquireTimeoutMillis: finite(options.acquireTimeoutMs),
      // the client's own time-out comes first: it says why
      createTimeoutMillis: finite(options.connectTimeoutMs + 1_000),
      idleTimeoutMillis: finite(options.idleTimeoutMs),
    },
    // values must not end up in messages
    compileSqlOnError: false,
    log: { warn: debug, error: debug, debug, deprecate: debug },
  });
}

interface Queryable {
  query(sql: string): Promise<unknown>;
}

interface Executed {
  readonly response?: { readonly command?: string };
}

const finite = (ms: number): number => Math.min(ms, 2_147_483_647);
