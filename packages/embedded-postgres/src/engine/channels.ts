import { quoteIdentifier } from "../protocol/sql-effects.js";
import type { Backend } from "./backend.js";
import type { Session } from "./session.js";

// listened to by the backend whenever it listens for all sessions
const everybody = "infra:all-sessions";

/**
 * Who listens to what. The backend listens to the channels of all sessions; while a session runs a statement that may
 * change its own, the backend listens to that session's alone, so that what it listens to afterwards is the answer.
 */
export class Channels {
  readonly #backend: Backend;
  readonly #bySession = new Map<Session, ReadonlySet<string>>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The sessions that listen to a channel. */
  listeners(channel: string): Session[] {
    return [...this.#bySession]
      .filter(([, names]) => names.has(channel))
      .map(([session]) => session);
  }

  /** Before a session runs a statement that may change its channels, in its transaction if it has one. */
  narrow(session: Session): void {
    this.#listen([...(this.#bySession.get(session) ?? [])]);
  }

  /** After the transaction of that statement has ended. */
  widen(session: Session): void {
    const names = this.#backend.rows("select pg_listening_channels()").map(([name]) => name!);
    // still listening for everybody: the narrowing was rolled back, and with it every change
    if (!names.includes(everybody)) this.#set(session, names);
    this.#listenForEverybody();
  }

  leave(session: Session): void {
    if (this.#bySession.delete(session)) this.#listenForEverybody();
  }

  #set(session: Session, names: readonly string[]): void {
    if (names.length === 0) this.#bySession.delete(session);
    else this.#bySession.set(session, new Set(names));
  }

  #listenForEverybody(): void {
    const all = new Set([everybody]);
    for (const names of this.#bySession.values()) for (const name of names) all.add(name);
    this.#listen([...all]);
  }

  #listen(names: readonly string[]): void {
    this.#backend.rows(
      ["unlisten *", ...names.map((name) => `listen ${quoteIdentifier(name)}`)].join(";"),
    );
  }
}
