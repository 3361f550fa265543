import { syncMessage, closeStatementMessage, queryMessage } from "../protocol/messages.js";
import { dottedNames } from "../protocol/sql-effects.js";
import type { Backend } from "./backend.js";
import { Channels } from "./channels.js";
import type { Counters } from "./counters.js";
import type { Reply } from "./reply.js";
import type { Request } from "./request.js";
import { SettingsSwitch } from "./session-settings.js";
import { Session, type SessionClient, type SessionHost } from "./session.js";

/** Options of {@link Multiplexer}. */
export interface MultiplexerOptions {
  /** How long a request waits behind another's open transaction, in milliseconds. */
  readonly lockWaitTimeoutMs: number;
  readonly maxConnections: number;
}

// How long to hold on to the thread before other work gets its turn.
const sliceMs = 8;

/**
 * Many sessions on one backend, a request at a time and in turns. A session that has a transaction open, or has not yet
 * asked for the end of its request, owns the backend until it has: transactions exclude each other.
 */
export class Multiplexer implements SessionHost {
  readonly parameters: ReadonlyMap<string, string>;
  readonly #backend: Backend;
  readonly #options: MultiplexerOptions;
  readonly #counters: Counters;
  readonly #settings: SettingsSwitch;
  readonly #channels: Channels;
  readonly #sessions = new Set<Session>();
  /** Sessions with requests, in the order of their turns. */
  readonly #turns = new Set<Session>();
  /** Sessions that are over, and what they left behind is not yet tidied up. */
  readonly #left = new Set<Session>();
  readonly #tasks: { readonly run: () => void; readonly reject: (error: Error) => void }[] = [];
  #owner: Session | undefined;
  /** Whose unnamed prepared statement the backend has. */
  #unnamedOf: Session | undefined;
  #lastId = 0;
  #running = false;
  #closing = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(backend: Backend, counters: Counters, options: MultiplexerOptions) {
    this.#backend = backend;
    this.#counters = counters;
    this.#options = options;
    this.#settings = new SettingsSwitch(backend);
    this.#channels = new Channels(backend);
    this.parameters = new Map(backend.rows(reportedSql) as [string, string][]);
  }

  connect(client: SessionClient): Session {
    const session = new Session((this.#lastId += 1), this, client);
    this.#sessions.add(session);
    this.#counters.set("connections", this.#sessions.size);
    if (this.#closing || this.#backend.failure) session.abort(shuttingDown);
    else if (this.#sessions.size > this.#options.maxConnections) session.abort(tooMany);
    return session;
  }

  schedule(session: Session): void {
    this.#turns.add(session);
    this.#kick();
  }

  leave(session: Session): void {
    this.#sessions.delete(session);
    this.#turns.delete(session);
    this.#counters.set("connections", this.#sessions.size);
    this.#left.add(session);
    this.#kick();
  }

  /** Runs work of the engine's own, without a session's settings, when no transaction is open. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#backend.failure) return reject(this.#backend.failure);
      const run = (): void => {
        try {
          this.#settings.apply(noSettings);
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.#tasks.push({ run, reject });
      this.#kick();
    });
  }

  /** Whether a transaction is open. */
  get busy(): boolean {
    return this.#owner !== undefined;
  }

  /** Ends every session, as PostgreSQL does when it is told to shut down: transactions are rolled back. */
  close(): void {
    this.#closing = true;
    clearTimeout(this.#watch);
    for (const session of this.#sessions) session.abort(shuttingDown);
  }

  /** The backend is dead: every session ends. */
  fail(error: Error): void {
    clearTimeout(this.#watch);
    const fields = {
      code: "57P02",
      message: `the embedded database has crashed: ${error.message}`,
    };
    for (const session of this.#sessions) session.abort(fields);
    for (const task of this.#tasks) task.reject(error);
  }

  #kick(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#loop());
  }

  #loop(): void {
    const until = performance.now() + sliceMs;
    let more = true;
    try {
      while (more && performance.now() < until && !this.#backend.failure) more = this.#step();
    } catch (error) {
      this.#backend.fail(error as Error);
    }
    if (this.#backend.failure) return;
    if (more) {
      setImmediate(() => this.#loop());
      return;
    }
    this.#running = false;
    this.#watchWaiting();
  }

  /** Does one thing that may be done now; false when there is none. */
  #step(): boolean {
    const left = this.#owner ?? this.#left.values().next().value;
    if (left?.closed) {
      this.#tidyUp(left);
      return true;
    }
    if (this.#owner === undefined) {
      const task = this.#tasks.shift();
      if (task) {
        task.run();
        this.#unnamedOf = undefined;
        return true;
      }
    }
    const session = this.#owner ?? this.#turns.values().next().value;
    const request = session?.requests.shift();
    if (session === undefined || request === undefined) return false;
    // to the end of the line
    this.#turns.delete(session);
    if (session.requests.length > 0) this.#turns.add(session);
    try {
      this.#run(session, request);
    } catch (error) {
      if (this.#backend.failure) return false;
      // something of the engine's own was refused: what the backend is left with is not the session's
      this.#settings.invalidate();
      session.abort({ code: "XX000", message: (error as Error).message });
    }
    return true;
  }

  #run(session: Session, request: Request): void {
    if (this.#owner === undefined && !this.#enter(session)) return;
    if (request.unnamed && this.#unnamedOf !== session) {
      this.#backend.exchange(Buffer.concat([request.unnamed, syncMessage()]));
    }
    if (request.changesChannels && !session.channelsChanged && session.status !== "E") {
      this.#channels.narrow(session);
      session.channelsChanged = true;
    }
    const start = performance.now();
    const reply = this.#backend.exchange(request.bytes, request.copiesIn);
    this.#counters.ran(performance.now() - start);
    this.#unnamedOf = session;
    if (request.changesSettings) {
      session.settingsChanged = true;
      for (const name of dottedNames(request.bytes.toString("latin1"))) {
        if (session.customSettings.size < 1000) session.customSettings.add(name);
      }
    }
    if (reply.status !== undefined) session.status = reply.status;
    this.#owner = reply.status === "I" ? undefined : session;
    if (reply.statementsLost) this.#restoreStatements(session);
    if (this.#owner === undefined) this.#leaveBackend(session);
    session.send(reply.bytes);
    this.#deliver(session, reply);
  }

  /** Gives the backend the session's settings; false when PostgreSQL refuses them, and the session has ended. */
  #enter(session: Session): boolean {
    try {
      if (this.#settings.apply(session.settings)) {
        this.#counters.add("settingSwitches");
        this.#unnamedOf = undefined;
      }
      return true;
    } catch (error) {
      const { code = "22023", message } = error as Error & { code?: string };
      session.abort({ code, message });
      return false;
    }
  }

  /** After a transaction: takes note of what the session has changed for itself. */
  #leaveBackend(session: Session): void {
    if (session.settingsChanged) {
      session.settingsChanged = false;
      session.settings = this.#settings.readBack(session.customSettings);
      this.#unnamedOf = undefined;
    }
    if (session.channelsChanged) {
      session.channelsChanged = false;
      this.#channels.widen(session);
      this.#unnamedOf = undefined;
    }
  }

  #deliver(sender: Session, reply: Reply): void {
    for (const { channel, payload } of reply.notifications) {
      for (const session of this.#channels.listeners(channel)) {
        session.notify(sender, channel, payload);
      }
    }
  }

  /** One session has thrown away the prepared statements of all. */
  #restoreStatements(culprit: Session): void {
    culprit.statements.clear();
    for (const session of this.#sessions) {
      for (const parse of session.statements.parseMessages) {
        this.#backend.exchange(Buffer.concat([parse, syncMessage()]));
      }
    }
  }

  #tidyUp(session: Session): void {
    this.#left.delete(session);
    if (this.#owner === session) {
      // the end of the request that it did not wait for, then of its transaction
      this.#deliver(session, this.#backend.exchange(syncMessage()));
      this.#deliver(session, this.#backend.exchange(queryMessage("rollback")));
      this.#owner = undefined;
    }
    const statements = session.statements.backendNames;
    if (statements.length > 0) {
      this.#backend.exchange(
        Buffer.concat([...statements.map(closeStatementMessage), syncMessage()]),
      );
    }
    this.#channels.leave(session);
    if (session.settingsChanged) this.#settings.invalidate();
  }

  /** A request that has waited too long behind a transaction fails, instead of hanging for ever. */
  #watchWaiting(): void {
    clearTimeout(this.#watch);
    const waiting = [...this.#turns].filter((session) => session !== this.#owner);
    this.#counters.set("waiting", waiting.length);
    if (this.#owner === undefined || waiting.length === 0 || this.#closing) return;
    const { lockWaitTimeoutMs } = this.#options;
    if (lockWaitTimeoutMs === Infinity) return;
    const first = Math.min(...waiting.map((session) => session.requests[0]!.since));
    const expire = (): void => {
      for (const session of waiting) this.#expire(session, performance.now() - lockWaitTimeoutMs);
      this.#watchWaiting();
    };
    this.#watch = setTimeout(expire, Math.max(1, first + lockWaitTimeoutMs - performance.now()));
    this.#watch.unref();
  }

  #expire(session: Session, madeBefore: number): void {
    while (session.requests[0] !== undefined && session.requests[0].since <= madeBefore) {
      const { synced } = session.requests.shift()!;
      this.#counters.add("lockTimeouts");
      session.refuse(synced, {
        code: "55P03",
        message: `gave up after ${this.#options.lockWaitTimeoutMs} ms of waiting for another connection's transaction`,
        detail:
          "The embedded engine runs one transaction at a time, and another connection has one open.",
        hint: "Do not query the pool from inside a transaction: use the transaction's own connection.",
      });
    }
    if (session.requests.length === 0) this.#turns.delete(session);
  }
}

const noSettings = new Map<string, string>();
const shuttingDown = { code: "57P01", message: "the embedded database is shutting down" };
const tooMany = { code: "53300", message: "sorry, too many clients already" };

const reportedSql = `select name, setting from pg_catalog.pg_settings where name in (
  'server_version', 'server_encoding', 'client_encoding', 'application_name', 'default_transaction_read_only',
  'in_hot_standby', 'DateStyle', 'IntervalStyle', 'TimeZone', 'integer_datetimes', 'standard_conforming_strings',
  'scram_iterations', 'search_path')
  union all values ('is_superuser', 'on'), ('session_authorization', 'postgres')`;
