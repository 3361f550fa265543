/* oxlint-disable no-underscore-dangle -- tarn calls its own so */
import knex from "knex";

import type { ConnectionCheck } from "./connection-check.js";
import type { RawConnection } from "./driver.js";
import { PoolExhaustedError } from "./errors.js";

/** What knex makes its pool with. */
export type PoolSettings = ConstructorParameters<typeof knex.KnexPool<RawConnection>>[0] & {
  validate(connection: RawConnection): boolean;
};

/** knex's pool, of which a connection that is idle can be had at once. */
export class ConnectionPool extends knex.KnexPool<RawConnection> {
  readonly #check: ConnectionCheck;

  constructor(settings: PoolSettings, check: ConnectionCheck) {
    super({
      ...settings,
      // knex's own asks in promises, which most connections need not be
      validate: (connection) => check.isFit(connection) || settings.validate(connection),
    });
    this.#check = check;
  }

  /**
   * The connection that was used last, if it is idle and fit, and nobody waits for one. `acquire()` makes two dozen promises
   * and two timers of it, a third of what a short statement costs.
   */
  takeIdle(): RawConnection | undefined {
    const idle = this.free.at(-1);
    if (!idle || this.destroyed || this.pendingAcquires.length > 0) return undefined;
    const { resource: connection } = idle;
    if (!this.#check.isFit(connection)) return undefined;
    const id = this.eventId++;
    this._executeEventHandlers("acquireRequest", id);
    this.free.pop();
    this.used.push(idle);
    this._startReaping();
    this._executeEventHandlers("acquireSuccess", id, connection);
    return connection;
  }

  /** The error of a call that waited in vain. */
  exhausted(waitedMs: number, cause: unknown): Error {
    const details = { max: this.max, used: this.numUsed(), pending: this.numPendingAcquires() };
    return new PoolExhaustedError(
      `no connection came free within ${waitedMs} ms (acquireTimeout): ${details.used} of ${details.max} (maxConnections) are in use, ${details.pending} more calls wait`,
      { cause, details },
    );
  }
}
