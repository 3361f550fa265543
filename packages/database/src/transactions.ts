import type { Logger, TransactionOptions } from "@infra/interfaces";
import type { Knex } from "knex";

import { cancelled } from "./cancellable.js";
import { pause } from "./connect-with-retry.js";
import type { Engine, RawConnection } from "./driver.js";
import {
  CommitUnknownError,
  ConnectionError,
  DeadlockError,
  RolledBackError,
  SerializationError,
  TransactionStateError,
} from "./errors.js";
import type { QueryLog } from "./query-log.js";
import { TransactionScope, type AmbientTransaction } from "./transaction-scope.js";

/** What transactions are run with. */
export interface TransactionHost {
  readonly knex: Knex;
  readonly ambient: AmbientTransaction;
  readonly log: QueryLog;
  readonly logger: Logger;
  /** Connects on first use. */
  engine(): Engine | Promise<Engine>;
}

const longestPauseMs = 1_000;

/** Runs work in transactions, each ambient for everything that the work calls. */
export class Transactions {
  readonly #host: TransactionHost;

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  // not async, and the same below: every promise costs, as all of them are followed once a transaction was ambient
  run<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const { propagation = "required", signal } = options;
    try {
      if (signal?.aborted) throw cancelled(signal);
      // a transaction of its own may be opened from anywhere, also from what a finished one left running
      const outer = propagation === "requires-new" ? undefined : this.#host.ambient.current();
      if (!outer) return this.#own(work, options);
      refuseOtherIsolation(outer, options);
      const nested = propagation === "nested";
      return nested ? this.#scoped(work, options, outer) : this.#join(work, outer);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  afterCommit(callback: () => void | Promise<void>): void {
    const scope = this.#host.ambient.current();
    if (scope) scope.afterCommit(callback);
    else void this.#callBack([callback], "afterCommit");
  }

  afterRollback(callback: () => void | Promise<void>): void {
    this.#host.ambient.current()?.afterRollback(callback);
  }

  /** What fails in here fails the transaction, even when somebody further out catches it. */
  async #join<T>(work: () => Promise<T>, scope: TransactionScope): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      scope.failure ??= { cause };
      throw cause;
    }
  }

  #own<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const engine = this.#host.engine();
    return engine instanceof Promise
      ? engine.then((opened) => this.#ownOn(opened, work, options))
      : this.#ownOn(engine, work, options);
  }

  #ownOn<T>(engine: Engine, work: () => Promise<T>, options: TransactionOptions): Promise<T> {
    if (!engine.concurrentTransactions && this.#host.ambient.isOpen()) {
      throw new TransactionStateError(
        `the ${engine.name} engine runs one transaction at a time, so { propagation: 'requires-new' } can't be opened inside another; use 'nested' or afterCommit()`,
      );
    }
    return options.retries ? this.#retrying(work, options) : this.#scoped(work, options, undefined);
  }

  async #retrying<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T> {
    const { log } = this.#host;
    const { retries = 0, signal } = options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#scoped(work, options, undefined);
      } catch (error) {
        const again = DeadlockError.is(error) || SerializationError.is(error);
        if (!again || attempt >= retries || signal?.aborted) throw error;
        log.retried += 1;
        await pause(Math.random() * Math.min(10 * 2 ** attempt, longestPauseMs), signal);
      }
    }
  }

  async #scoped<T>(
    work: () => Promise<T>,
    options: TransactionOptions,
    outer: TransactionScope | undefined,
  ): Promise<T> {
    const { ambient, log, knex } = this.#host;
    const { isolation, readOnly, signal } = options;
    let scope: TransactionScope | undefined;
    let committing = false;
    const container = async (trx: Knex.Transaction): Promise<T> => {
      if (signal?.aborted) throw cancelled(signal);
      scope = new TransactionScope(trx, isolation ?? outer?.isolation, outer);
      try {
        const running = ambient.run(scope, () => started(work));
        const value = await (signal ? this.#abortable(running, scope, signal) : running);
        if (scope.failure) {
          throw new RolledBackError(
            "the transaction was rolled back: something in it had failed, and the error was caught on the way; use { propagation: 'nested' } for what may fail",
            { cause: scope.failure.cause },
          );
        }
        committing = true;
        return value;
      } finally {
        scope.close();
      }
    };
    const config = {
      ...(isolation && { isolationLevel: isolation }),
      ...(readOnly !== undefined && { readOnly }),
    };
    try {
      // outside of any scope, or the root would join the transaction that is open
      const running = ambient.run(outer, () =>
        outer ? outer.trx.transaction(container) : knex.transaction(container, config),
      );
      const value = await unlessAborted(running, signal, () => scope !== undefined);
      if (!outer) log.committed += 1;
      const callbacks = scope!.committed();
      if (callbacks.length > 0) await this.#callBack(callbacks, "afterCommit");
      return value;
    } catch (error) {
      if (!outer) log.rolledBack += 1;
      if (scope) await this.#callBack(scope.rolledBack(), "afterRollback");
      if (committing && !outer && ConnectionError.is(error)) {
        throw new CommitUnknownError(
          "the connection was lost during COMMIT: the transaction may or may not have happened",
          { cause: error },
        );
      }
      throw error;
    }
  }

  /** Ends a transaction when its signal is aborted: its statement is cancelled, and nothing joins any more. */
  async #abortable<T>(work: Promise<T>, scope: TransactionScope, signal: AbortSignal): Promise<T> {
    let cancelling: Promise<void> | undefined;
    let stopWaiting!: () => void;
    const aborted = new Promise<void>((resolve) => (stopWaiting = resolve));
    const onAbort = (): void => {
      scope.close();
      cancelling = this.#cancelRunning(scope);
      stopWaiting();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([work, aborted]);
    } catch (error) {
      if (!cancelling) throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
    if (!cancelling) return work;
    await cancelling;
    throw cancelled(signal);
  }

  async #cancelRunning(scope: TransactionScope): Promise<void> {
    const engine = await this.#host.engine();
    const connection = (await scope.trx.client.acquireConnection()) as RawConnection;
    await engine.cancel(connection).catch(() => {});
  }

  /** The outcome stands: a callback that fails is logged, and the next one is called. */
  async #callBack(
    callbacks: readonly (() => void | Promise<void>)[],
    name: "afterCommit" | "afterRollback",
  ): Promise<void> {
    for (const callback of callbacks) {
      try {
        await this.#host.ambient.run(undefined, callback);
      } catch (error) {
        this.#host.logger.error(`a callback of ${name} failed`, { error });
      }
    }
  }
}

/** Stops waiting for a transaction to begin when its signal is aborted; it will find that out when it begins. */
function unlessAborted<T>(
  running: Promise<T>,
  signal: AbortSignal | undefined,
  begun: () => boolean,
): Promise<T> {
  if (!signal) return running;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      if (!begun()) reject(cancelled(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    running.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}

/** A builder of knex runs when it is awaited, which has to be where the work is. */
function started<T>(work: () => Promise<T>): Promise<T> {
  const running = work();
  return running instanceof Promise ? running : (async () => running)();
}

function refuseOtherIsolation(outer: TransactionScope, { isolation }: TransactionOptions): void {
  if (isolation && isolation !== outer.isolation) {
    throw new TransactionStateError(
      `a transaction with the isolation ${outer.isolation ?? "of the engine's default"} is open and can't become ${isolation}; open it outside, or with { propagation: 'requires-new' }`,
    );
  }
}
