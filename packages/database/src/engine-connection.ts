import { InfraError } from "@infra/errors";
import type { Logger, SqlPool, SqlPoolOptions } from "@infra/interfaces";
import type { Knex } from "knex";

import type { Availability } from "./availability.js";
import { cancelled } from "./cancellable.js";
import { connectWithRetry, type ConnectFailure } from "./connect-with-retry.js";
import type { ResolvedOptions } from "./database-options.js";
import { openEngine, type Engine } from "./driver.js";
import { StoppedError, UnreachableError } from "./errors.js";
import { createKnex, type ClientHost, type JoiningClient } from "./joining-client.js";
import { Limit } from "./limit.js";
import type { AmbientTransaction } from "./transaction-scope.js";

type State = "idle" | "starting" | "started" | "stopping" | "stopped";

/** The life of the engine and of knex's pool on it: opened once, by `start()` or first use; closed once. */
export class EngineConnection {
  readonly knex: Knex;
  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #availability: Availability;
  readonly #prepare: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly #ambient: AmbientTransaction;
  readonly #pools = new Set<SqlPool>();
  #state: State = "idle";
  #engine: Engine | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #starts: Limit | undefined;

  /** @param prepare - runs once connected, before anybody else's statements. */
  constructor(
    options: ResolvedOptions,
    logger: Logger,
    host: Pick<ClientHost, "ambient" | "log" | "dialect" | "availability">,
    prepare: ((signal: AbortSignal) => Promise<void>) | undefined,
  ) {
    this.#options = options;
    this.#prepare = prepare;
    this.#logger = logger;
    this.#availability = host.availability;
    this.#ambient = host.ambient;
    this.knex = createKnex({
      ...host,
      options,
      logger,
      ready: () => this.ready(),
      engine: () => this.engine,
    });
  }

  get state(): State {
    return this.#state;
  }

  /** Only while started. */
  get engine(): Engine {
    return this.#engine!;
  }

  get #client(): JoiningClient {
    return this.knex.client as JoiningClient;
  }

  /** Connects on first use; `undefined` when that has been done. */
  ready(): Promise<void> | undefined {
    if (this.#state === "started" || this.#ambient.preparing) return undefined;
    if (this.#state === "stopping" || this.#state === "stopped") {
      throw new StoppedError("the database was used after stop(); start() opens it again");
    }
    return this.start();
  }

  start(signal?: AbortSignal): Promise<void> {
    if (this.#state === "started") return Promise.resolve();
    if (this.#stopping && this.#state === "stopping") {
      return this.#stopping.then(() => this.start(signal));
    }
    this.#starting ??= this.#open(signal).finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  stop(signal?: AbortSignal): Promise<void> {
    if (this.#state === "idle" || this.#state === "stopped") {
      this.#state = "stopped";
      return Promise.resolve();
    }
    this.#stopping ??= this.#close(signal).finally(() => (this.#stopping = undefined));
    return this.#stopping;
  }

  /** A pool for somebody else; closed with the engine if its owner has not closed it before. */
  async openPool(options: SqlPoolOptions): Promise<SqlPool> {
    await this.ready();
    const pool = this.engine.openPool(options, (error) =>
      this.#logger.debug("an idle connection of a pool was lost", { reason: error.message }),
    );
    const end = pool.end.bind(pool);
    pool.end = () => {
      this.#pools.delete(pool);
      return end();
    };
    this.#pools.add(pool);
    return pool;
  }

  async #open(signal?: AbortSignal): Promise<void> {
    this.#state = "starting";
    using limit = new Limit(signal);
    this.#starts = limit;
    const { url, connectTimeoutMs, startTimeoutMs } = this.#options;
    try {
      if (limit.signal.aborted) throw cancelled(limit.signal);
      this.#engine = await openEngine({ url, connectTimeoutMs, logger: this.#logger });
      this.#client.driver = this.#engine.client;
      if (!this.#client.pool) this.knex.initialize();
      const failure = await connectWithRetry(() => this.#try(), {
        budgetMs: startTimeoutMs,
        signal: limit.signal,
      });
      if (failure)
        throw limit.signal.aborted ? cancelled(limit.signal) : this.#unreachable(failure);
      if (this.#prepare) await this.#ambient.prepare(() => this.#prepare!(limit.signal));
      this.#state = "started";
    } catch (error) {
      this.#state = "idle";
      await this.knex.destroy();
      await this.#engine?.close();
      this.#engine = undefined;
      throw error;
    }
    this.#logger.info("database connected", { engine: this.engine.name, url: url.masked });
  }

  async #try(): Promise<void> {
    const connection = await this.#client.connectNow();
    await this.#client.releaseConnection(connection);
    this.#availability.succeeded();
  }

  #unreachable({ attempts, cause }: ConnectFailure): Error {
    const { url } = this.#options;
    const advice =
      url.scheme === "postgres" || url.scheme === "mysql"
        ? "start that server, correct the url (DATABASE_URL), or unset DATABASE_URL to run on the embedded database"
        : "correct the url (DATABASE_URL)";
    return new UnreachableError(
      `cannot connect to ${url.masked}: ${reasonOf(cause)} (${attempts} ${attempts === 1 ? "attempt" : "attempts"}); ${advice}`,
      {
        cause,
        details: { url: url.masked, attempts },
        retryable: InfraError.is(cause) && cause.retryable,
      },
    );
  }

  async #close(signal?: AbortSignal): Promise<void> {
    if (this.#starting) {
      this.#starts?.abort(new StoppedError("stop() was called while the database was starting"));
      await this.#starting.catch(() => {});
      if (this.#state !== "started") {
        this.#state = "stopped";
        return;
      }
    }
    this.#state = "stopping";
    using limit = new Limit(signal, this.#options.stopTimeoutMs);
    const drained = Promise.allSettled([
      this.knex.destroy(),
      ...[...this.#pools].map((pool) => pool.end()),
    ]);
    if (!(await endsBefore(drained, limit.signal))) {
      const left = this.#client.connections.size;
      this.#logger.warn("the database was stopped with connections in use", { connections: left });
      for (const connection of this.#client.connections) this.engine.terminate(connection);
      this.#client.pool = undefined;
    }
    try {
      await this.engine.close(limit.signal);
    } finally {
      this.#engine = undefined;
      this.#pools.clear();
      this.#state = "stopped";
    }
    this.#logger.info("database disconnected");
  }
}

/** The innermost reason in words. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}

/** Whether a promise settles before the signal is aborted. */
function endsBefore(promise: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const late = (): void => resolve(false);
    signal.addEventListener("abort", late, { once: true });
    void promise.finally(() => {
      signal.removeEventListener("abort", late);
      resolve(true);
    });
  });
}
