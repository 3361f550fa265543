import { runCancellable } from "./cancellable.js";
import { isDisposed, stateOf } from "./connection-state.js";
import type { Dialect } from "./dialect.js";
import type { Engine, RawConnection } from "./driver.js";

const timeoutMs = 2_000;

/** Tells which idle connections are of use, and asks those that were idle for long. */
export class ConnectionCheck {
  readonly #dialect: Dialect;
  readonly #validateAfterMs: number;
  readonly #engine: () => Engine;

  constructor(dialect: Dialect, validateAfterMs: number, engine: () => Engine) {
    this.#dialect = dialect;
    this.#validateAfterMs = validateAfterMs;
    this.#engine = engine;
  }

  /** Whether it was in use a moment ago. */
  isFresh(connection: RawConnection): boolean {
    return performance.now() - stateOf(connection).idleSince < this.#validateAfterMs;
  }

  /** Whether it needs no more than to be taken. */
  isFit(connection: RawConnection): boolean {
    return stateOf(connection).wasUsed && !isDisposed(connection) && this.isFresh(connection);
  }

  /** Whether it still answers; one that does not is cut. */
  async answers(connection: RawConnection): Promise<boolean> {
    try {
      await runCancellable(
        () => this.#dialect.ping(connection),
        { timeoutMs },
        () => Promise.resolve("runs on"),
      );
      return true;
    } catch {
      this.#engine().terminate(connection);
      return false;
    }
  }
}
