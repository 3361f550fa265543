import type { RawConnection } from "./driver.js";
import { TransactionStateError } from "./errors.js";

/** knex's own mark on a connection that must not be used again. */
const disposed = "__knex__disposed";

const state = Symbol("infra.database.state");

/** What is known of a raw connection. */
export function stateOf(
  connection: RawConnection & { [state]?: ConnectionState },
): ConnectionState {
  return (connection[state] ??= new ConnectionState());
}

/** What runs on a connection, and since when nothing does. */
export class ConnectionState {
  idleSince: number = performance.now();
  /** Whether it has been released before. */
  wasUsed = false;
  readonly #waiting: (() => void)[] = [];
  #running = false;
  #held = false;

  /** Whether a statement runs. */
  get busy(): boolean {
    return this.#running;
  }

  /** Nobody uses it any longer. */
  release(): void {
    this.idleSince = performance.now();
    this.wasUsed = true;
  }

  /** Until it is let go of, nothing else may run: the rows of a stream are on the wire. */
  hold(): () => void {
    this.#held = true;
    return () => (this.#held = false);
  }

  /** Clients want one statement at a time on a connection: gives what to wait for, if anything. */
  enter(): Promise<void> | undefined {
    if (this.#held) {
      throw new TransactionStateError(
        "a stream is being read on this connection, which can do nothing else meanwhile on this engine: read it outside of the transaction, or to its end first",
      );
    }
    if (this.#running) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#running = true;
    return undefined;
  }

  /** The statement has ended: the next one may begin. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running = false;
  }
}

/** Marks a connection, so that the pool lets go of it. */
export function dispose(connection: RawConnection, reason: unknown): void {
  (connection as { [disposed]?: unknown })[disposed] = reason;
}

/** Whether the pool is to let go of a connection. */
export function isDisposed(connection: RawConnection): boolean {
  return Boolean((connection as { [disposed]?: unknown })[disposed]);
}
