import type { RawConnection } from "./driver.js";
import { TransactionStateError } from "./errors.js";

/** knex's own mark on a connection that must not be used again. */
const disposed = "__knex__disposed";

/** What is known of each raw connection; there is one for all clients of a knex. */
export class ConnectionStates {
  readonly #states = new WeakMap<RawConnection, ConnectionState>();

  of(connection: RawConnection): ConnectionState {
    let state = this.#states.get(connection);
    if (!state) {
      state = new ConnectionState();
      this.#states.set(connection, state);
    }
    return state;
  }
}

/** What runs on a connection, and since when nothing does. */
export class ConnectionState {
  idleSince: number = performance.now();
  #tail: Promise<void> | undefined;
  #running = 0;
  #held = false;

  /** Whether a statement runs. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Until it is released, nothing else may run: the rows of a stream are on the wire. */
  hold(): () => void {
    this.#held = true;
    return () => (this.#held = false);
  }

  /** Clients want one statement at a time on a connection: resolves when those before have ended. */
  enter(): { readonly before: Promise<void> | undefined; readonly done: () => void } {
    if (this.#held) {
      throw new TransactionStateError(
        "a stream is being read on this connection, which can do nothing else meanwhile on this engine: read it outside of the transaction, or to its end first",
      );
    }
    const before = this.#tail;
    let release!: () => void;
    const tail = new Promise<void>((resolve) => (release = resolve));
    this.#tail = tail;
    this.#running += 1;
    const done = (): void => {
      this.#running -= 1;
      if (this.#tail === tail) this.#tail = undefined;
      release();
    };
    return { before, done };
  }
}

/** Marks a connection, so that the pool lets go of it. */
export function dispose(connection: RawConnection, reason: unknown): void {
  (connection as { [disposed]?: unknown })[disposed] = reason;
}
