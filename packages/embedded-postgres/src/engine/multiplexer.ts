import type { Backend } from "./backend.js";
import type { Counters } from "./counters.js";
import { LockWait } from "./lock-wait.js";
import type { Request } from "./request.js";
import { Session, type SessionClient, type SessionHost } from "./session.js";
import { SharedBackend } from "./shared-backend.js";

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
  readonly #backend: Backend;
  readonly #shared: SharedBackend;
  readonly #options: MultiplexerOptions;
  readonly #counters: Counters;
  readonly #lockWait: LockWait;
  readonly #sessions = new Set<Session>();
  /** Sessions with requests, in the order of their turns. */
  readonly #turns = new Set<Session>();
  /** Sessions that are over, and what they left behind is not yet tidied up. */
  readonly #left = new Set<Session>();
  readonly #tasks: { readonly run: () => void; readonly reject: (error: Error) => void }[] = [];
  #owner: Session | undefined;
  #lastId = 0;
  #running = false;
  #closing = false;
  /** Work of the engine's own goes on that takes more than a turn. */
  #held = false;

  constructor(backend: Backend, counters: Counters, options: MultiplexerOptions) {
    this.#backend = backend;
    this.#counters = counters;
    this.#options = options;
    this.#lockWait = new LockWait(options.lockWaitTimeoutMs, counters);
    this.#shared = new SharedBackend(backend, counters, this.#sessions);
  }

  get parameters(): ReadonlyMap<string, string> {
    return this.#shared.parameters;
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
  run<T>(work: () => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#backend.failure) return reject(this.#backend.failure);
      const run = (): void => {
        try {
          this.#shared.clear();
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.#tasks.push({ run, reject });
      this.#kick();
    });
  }

  /** As {@link run}; until the work has ended, no session runs but those of {@link connectDirectly}. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.run(() => {
      this.#held = true;
      return work().finally(() => {
        this.#held = false;
        this.#kick();
      });
    });
  }

  /** A session that has its answer when `write` returns, for the use inside {@link exclusively}. */
  connectDirectly(client: SessionClient): Session {
    const host: SessionHost = {
      parameters: this.parameters,
      schedule: (session) => {
        for (const request of session.requests.splice(0)) this.#run(session, request);
      },
      leave: (session) => {
        const inTransaction = session === this.#owner;
        this.#owner = undefined;
        if (!this.#backend.failure) this.#shared.tidyUp(session, inTransaction);
      },
    };
    return new Session((this.#lastId += 1), host, client);
  }

  /** Ends every session, as PostgreSQL does when it is told to shut down: transactions are rolled back. */
  close(): void {
    this.#closing = true;
    this.#lockWait.stop();
    for (const session of this.#sessions) session.abort(shuttingDown);
  }

  /** The backend is dead: every session ends. */
  fail(error: Error): void {
    this.#lockWait.stop();
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
    if (this.#held) return false;
    const left = this.#owner ?? this.#left.values().next().value;
    if (left?.closed) {
      this.#left.delete(left);
      this.#shared.tidyUp(left, left === this.#owner);
      this.#owner = undefined;
      return true;
    }
    if (this.#owner === undefined) {
      const task = this.#tasks.shift();
      if (task) {
        task.run();
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
      this.#shared.forget();
      session.abort({ code: "XX000", message: (error as Error).message });
    }
    return true;
  }

  #run(session: Session, request: Request): void {
    if (this.#owner === undefined && !this.#shared.enter(session)) return;
    // whatever goes wrong, what it has open is rolled back with it
    this.#owner = session;
    if (this.#shared.run(session, request) === "I") this.#owner = undefined;
  }

  #watchWaiting(): void {
    const waiting = [...this.#turns].filter((session) => session !== this.#owner);
    this.#counters.set("waiting", waiting.length);
    if (this.#owner === undefined || this.#closing) return this.#lockWait.stop();
    this.#lockWait.watch(waiting, () => {
      for (const session of waiting) if (session.requests.length === 0) this.#turns.delete(session);
      this.#watchWaiting();
    });
  }
}

const shuttingDown = { code: "57P01", message: "the embedded database is shutting down" };
const tooMany = { code: "53300", message: "sorry, too many clients already" };
