import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";

import type { PGlite } from "@electric-sql/pglite";
import { InfraError } from "@infra/errors";

import { EmbeddedPostgresOpenError } from "../errors.js";
import { Backend } from "./backend.js";
import { Counters } from "./counters.js";
import { DirectoryLock } from "./directory-lock.js";
import { dump } from "./dump.js";
import { Maintenance } from "./maintenance.js";
import { Multiplexer } from "./multiplexer.js";
import { openPglite, type OpenProgress } from "./open-pglite.js";
import type { PostgresModule } from "./postgres-module.js";
import type { Session, SessionClient } from "./session.js";

/** What an engine is opened with: plain data, so that it can be sent to a thread. */
export interface EngineSettings {
  /** An absolute path; `undefined`: in memory. */
  readonly directory: string | undefined;
  readonly durable: boolean;
  readonly lockWaitTimeoutMs: number;
  readonly maintenanceIntervalMs: number;
  readonly maxConnections: number;
  readonly template: string | undefined;
  /** The URLs of modules that export PGlite's extensions. */
  readonly extensions: readonly string[];
  /** PostgreSQL, compiled. */
  readonly module: PostgresModule;
  /** The memory of {@link Counters}. */
  readonly counters: SharedArrayBuffer;
}

/** What an engine tells while it works. */
export interface EngineEvents {
  progress(progress: OpenProgress): void;
  /** A line of PostgreSQL's log. */
  log(line: string): void;
  /** Something of the engine's own went wrong; it carries on. */
  warning(error: Error): void;
  /** The engine is dead. */
  failed(error: Error): void;
}

// Lines of PostgreSQL's log that the error of a failed opening shows.
const shownLines = 5;

/** A database that is open in this thread: the directory's lock, PostgreSQL, and who is connected. */
export class Engine {
  /** PostgreSQL's version: `18.6`. */
  readonly version: string;
  /** Where other processes connect. */
  readonly socketDirectory: string | undefined;
  readonly #lock: DirectoryLock | undefined;
  readonly #pglite: PGlite;
  readonly #backend: Backend;
  readonly #multiplexer: Multiplexer;
  readonly #maintenance: Maintenance;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(
    pglite: PGlite,
    lock: DirectoryLock | undefined,
    settings: EngineSettings,
    events: EngineEvents,
  ) {
    const counters = new Counters(settings.counters);
    this.#pglite = pglite;
    this.#lock = lock;
    this.#backend = new Backend(pglite);
    this.#multiplexer = new Multiplexer(this.#backend, counters, settings);
    this.#maintenance = new Maintenance(this.#backend, this.#multiplexer, counters);
    this.version = this.#multiplexer.parameters.get("server_version")!;
    this.socketDirectory = lock?.socketDirectory;
    this.#backend.onFailure((error) => {
      this.#release();
      this.#multiplexer.fail(error);
      events.failed(error);
    });
    lock?.onConnection((socket) => this.#accept(socket));
    if (settings.maintenanceIntervalMs !== Infinity) {
      const maintain = (): void =>
        void this.#maintenance.run().catch((error: Error) => events.warning(error));
      this.#timer = setInterval(maintain, settings.maintenanceIntervalMs).unref();
    }
  }

  /**
   * @throws EmbeddedPostgresLockedError, EmbeddedPostgresVersionError
   * @throws EmbeddedPostgresOpenError with what PostgreSQL said.
   */
  static async open(settings: EngineSettings, events: EngineEvents): Promise<Engine> {
    const { directory } = settings;
    const counters = new Counters(settings.counters);
    const log: string[] = [];
    let lock: DirectoryLock | undefined;
    try {
      if (directory !== undefined) {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        lock = await DirectoryLock.acquire(directory);
      }
      const pglite = await openPglite({
        ...settings,
        onProgress: (progress) => events.progress(progress),
        onLog: (line) => {
          if (log.push(line) > shownLines) log.shift();
          events.log(line);
        },
        onSync: () => counters.add("syncs"),
      });
      return new Engine(pglite, lock, settings, events);
    } catch (error) {
      lock?.release();
      if (InfraError.is(error)) throw error;
      const { message } = error as Error;
      const where = directory ?? "memory";
      throw new EmbeddedPostgresOpenError(
        [`The database in ${where} could not be opened: ${message}`, ...log].join("\n"),
        { cause: error, details: { directory: where } },
      );
    }
  }

  connect(client: SessionClient): Session {
    return this.#multiplexer.connect(client);
  }

  /** The database as SQL, by pg_dump with these switches. */
  dump(args: readonly string[]): Promise<string> {
    return dump(this.#multiplexer, this.#backend, args);
  }

  /** Ends every session, writes a checkpoint, and gives the directory free. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#maintenance.stop();
    this.#multiplexer.close();
    if (this.#backend.failure) return;
    try {
      await this.#maintenance.checkpoint();
      await this.#pglite.close();
    } finally {
      this.#release();
    }
  }

  /** Another process. */
  #accept(socket: Socket): void {
    const session = this.connect({
      data: (bytes) => void socket.write(bytes),
      end: () => void socket.end(),
    });
    socket.on("data", (bytes) => session.write(bytes));
    // an error is followed by the closing
    socket.on("error", () => {});
    socket.on("close", () => session.end());
  }

  #release(): void {
    clearInterval(this.#timer);
    this.#lock?.release();
  }
}
