import { existsSync } from "node:fs";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";

import { importPeer } from "@infra/errors";
import type { Logger } from "@infra/interfaces";
import type { Pool, PoolConfig } from "pg";

import { ConnectionStream } from "./connection-stream.js";
import type { EngineHost, HostEvents } from "./engine-host.js";
import { Counters, type EmbeddedPostgresStats } from "./engine/counters.js";
import type { EngineSettings } from "./engine/engine.js";
import { postgresModule } from "./engine/postgres-module.js";
import { databaseName, userName } from "./engine/session.js";
import { EmbeddedPostgresClosedError } from "./errors.js";
import { LocalHost } from "./local-host.js";
import { resolveOptions, type EmbeddedPostgresOptions } from "./options.js";
import { restore, type RestoreOptions } from "./restore.js";
import type { SqlScript } from "./sql-script.js";
import { ThreadHost } from "./thread-host.js";

/** What a `pg` client or pool, or knex as `connection`, is made with to reach an embedded database. */
export interface EmbeddedConnectionConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string;
  readonly ssl: false;
  /** Takes the place of the client's socket. */
  readonly stream: () => Duplex;
}

/** Options of {@link EmbeddedPostgres.close}. */
export interface CloseOptions {
  /** Lets go of everything at once when it is aborted: the next start recovers, nothing committed is lost. */
  readonly signal?: AbortSignal;
}

/** Options of {@link EmbeddedPostgres.dump}. */
export interface DumpOptions {
  /** Switches of [pg_dump](https://www.postgresql.org/docs/18/app-pgdump.html): `["--schema-only", "--table=note"]`. */
  readonly args?: readonly string[];
  /** Waits no longer when it is aborted; what runs runs to its end. */
  readonly signal?: AbortSignal;
}

const connectionSwitch =
  /^(?:-[fFjhpUWwdZ]|--(?:file|format|jobs|host|port|username|password|no-password|dbname|compress|create)\b)|^-C/;

const template = fileURLToPath(new URL("../template/pgdata.tar.gz", import.meta.url));

/**
 * A PostgreSQL in this process, with its data in one directory or in memory, for the ordinary `pg` client:
 * `new pg.Pool(server.pgConfig())`. Many connections share one engine that runs one transaction at a time.
 *
 * An open database does not keep the process alive; an open connection does, as with a server elsewhere. A process that
 * ends without {@link EmbeddedPostgres.close} loses nothing that was committed.
 */
export class EmbeddedPostgres implements AsyncDisposable {
  /** The absolute path of the database's directory; `undefined` when it is in memory. */
  readonly directory: string | undefined;
  readonly #host: EngineHost;
  readonly #logger: Logger;
  readonly #pools = new Set<Pool>();
  #closing: Promise<void> | undefined;

  private constructor(directory: string | undefined, host: EngineHost, logger: Logger) {
    this.directory = directory;
    this.#host = host;
    this.#logger = logger;
  }

  /**
   * Opens the database in a directory, and makes it if there is none.
   *
   * @throws EmbeddedPostgresLockedError (`ERR_EMBEDDED_POSTGRES_LOCKED`) when another process has the directory open.
   * @throws EmbeddedPostgresVersionError (`ERR_EMBEDDED_POSTGRES_VERSION`)
   * @throws EmbeddedPostgresOpenError (`ERR_EMBEDDED_POSTGRES_OPEN`)
   */
  static async open(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
    const { logger, onProgress, ...resolved } = resolveOptions(options);
    const settings: EngineSettings = {
      ...resolved,
      template: existsSync(template) ? template : undefined,
      module: await postgresModule(),
      counters: new Counters().memory,
    };
    const events: HostEvents = {
      log: (line) => logger.debug(line),
      warning: (error) => logger.warn("maintenance of the embedded database failed", { error }),
      failed: (error) => logger.error(error.message, { error }),
    };
    const Host = resolved.thread ? ThreadHost : LocalHost;
    const host = await Host.open(settings, events, (progress) => {
      const where = resolved.directory ?? "memory";
      logger.info(`the embedded database in ${where}: ${progress.message}`, {
        step: progress.step,
      });
      try {
        onProgress(progress);
      } catch (error) {
        logger.warn("onProgress failed", { error });
      }
    });
    return new EmbeddedPostgres(resolved.directory, host, logger);
  }

  /** The version of PostgreSQL: `18.6`. */
  get version(): string {
    return this.#host.version;
  }

  /**
   * What other processes give as `host` to connect, with `psql -h` or `new pg.Pool({ host, user: "postgres" })`: the
   * directory itself, unless its path is too long for a socket. `undefined` when the database is in memory.
   */
  get socketDirectory(): string | undefined {
    return this.#host.socketDirectory;
  }

  /** What it has counted since it was opened. */
  stats(): EmbeddedPostgresStats {
    return this.#host.stats();
  }

  /** What to make a `pg` client or pool with, or to give knex as `connection`; `extra` is added. */
  pgConfig(): EmbeddedConnectionConfig;
  pgConfig<Extra extends object>(extra: Extra): EmbeddedConnectionConfig & Extra;
  pgConfig(extra: object = {}): EmbeddedConnectionConfig {
    return {
      // all but `stream` keeps the client from looking into the environment
      host: "embedded-postgres",
      port: 5432,
      user: userName,
      database: databaseName,
      password: "none",
      ssl: false,
      stream: () => new ConnectionStream(() => this.#open()),
      ...extra,
    };
  }

  /**
   * A pool of the package `pg`. It ends with the database if it has not ended before.
   *
   * @throws PeerMissingError (`ERR_PEER_MISSING`) of `@infra/errors` when `pg` is not installed.
   */
  async pool(config: PoolConfig = {}): Promise<Pool> {
    const pg = await importPeer("pg", () => import("pg"), { for: "pool()" });
    const pool = new pg.default.Pool(this.pgConfig(config));
    pool.on("error", (error) => {
      if (!this.#closing) this.#logger.warn("an idle connection was lost", { error });
    });
    this.#pools.add(pool);
    return pool;
  }

  /**
   * The database as SQL, by PostgreSQL's own pg_dump, for {@link EmbeddedPostgres.restore}, `psql` or any client: to keep, to
   * take to a server, or to open the data with another major version. Other connections wait until it has ended. Needs the
   * package `@electric-sql/pglite-tools`.
   *
   * @throws PeerMissingError (`ERR_PEER_MISSING`) of `@infra/errors` when that is not installed.
   * @throws EmbeddedPostgresDumpError (`ERR_EMBEDDED_POSTGRES_DUMP`)
   */
  async dump(options: DumpOptions = {}): Promise<string> {
    const { args = [], signal } = options;
    const ours = args.find((arg) => connectionSwitch.test(arg));
    if (ours !== undefined) {
      throw new RangeError(
        `args must not say where to connect, or what to write and where; got ${JSON.stringify(ours)}`,
      );
    }
    signal?.throwIfAborted();
    const sql = this.#open().dump(args);
    if (!signal) return sql;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      sql.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
  }

  /**
   * Runs a dump, of this package or in pg_dump's plain format, in one transaction: all of it or nothing. It expects to find
   * none of what it makes. Other connections wait for its end, for `lockWaitTimeout` at the most.
   *
   * @throws EmbeddedPostgresRestoreError (`ERR_EMBEDDED_POSTGRES_RESTORE`) naming the line.
   */
  async restore(script: SqlScript, options: RestoreOptions = {}): Promise<void> {
    return restore(this.#open(), script, options);
  }

  /**
   * Ends the pools that {@link EmbeddedPostgres.pool} made and every other connection (open transactions are rolled
   * back), writes a checkpoint, and gives the directory free. Idempotent.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { signal } = options;
    this.#closing ??= this.#close();
    if (!signal) return this.#closing;
    const terminate = (): void => void this.#host.terminate();
    signal.addEventListener("abort", terminate, { once: true });
    if (signal.aborted) terminate();
    return this.#closing.finally(() => signal.removeEventListener("abort", terminate));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const ended = [...this.#pools].filter((pool) => !pool.ended).map((pool) => pool.end());
    await this.#host.close();
    // connections that were in use have been ended by the engine; who holds one has still to release it
    void Promise.allSettled(ended);
  }

  #open(): EngineHost {
    if (this.#closing) {
      const where = this.directory ?? "memory";
      throw new EmbeddedPostgresClosedError(`The embedded database in ${where} is closed`);
    }
    if (this.#host.failure) throw this.#host.failure;
    return this.#host;
  }
}
