import { setMaxListeners } from "node:events";

import {
  deferred,
  linkSignals,
  QueueFullError,
  Semaphore,
  type Deferred,
  type LinkedSignal,
} from "@infra/promises";

import { BusyError, StoppedError } from "./errors.js";

/** As many pieces of work at a time as a service allows, until it stops. */
export class WorkSlots {
  readonly #semaphore: Semaphore;
  readonly #stop: LinkedSignal = linkSignals();
  readonly #name: string;
  #stopped = false;
  #underWay = 0;
  #idle: Deferred<void> | undefined;
  /** How many came to an end well, and how many did not. */
  done = 0;
  failed = 0;

  constructor(name: string, concurrency: number, maxWaiting: number) {
    this.#name = name;
    this.#semaphore = new Semaphore({ permits: concurrency, maxWaiting });
    // every call listens: that is no leak
    setMaxListeners(0, this.#stop.signal);
  }

  get active(): number {
    return this.#semaphore.active;
  }

  get waiting(): number {
    return this.#semaphore.waiting;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Runs work that takes a slot with `acquire` when it needs one; its signal also aborts when the service gives up.
   *
   * @throws StoppedError after `stop()`.
   */
  async run<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#stopped) throw new StoppedError(`${this.#name} was used after stop()`);
    signal?.throwIfAborted();
    using link = linkSignals(signal, this.#stop.signal);
    this.#underWay += 1;
    try {
      const result = await work(link.signal);
      this.done += 1;
      return result;
    } catch (error) {
      this.failed += 1;
      throw error;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle?.resolve();
    }
  }

  /** A slot, when there is one. @throws BusyError when too many wait */
  async acquire(signal: AbortSignal): Promise<Disposable> {
    return this.#semaphore.acquire({ signal }).catch(busyInstead);
  }

  /** Lets nothing more in, waits for what is under way, and when the signal aborts gives that up. */
  async stop(signal: AbortSignal | undefined): Promise<void> {
    this.#stopped = true;
    if (this.#underWay === 0) return;
    this.#idle ??= deferred();
    const giveUp = (): void => this.#stop.abort(new StoppedError(`${this.#name} was stopped`));
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    await this.#idle.promise;
    signal?.removeEventListener("abort", giveUp);
  }
}

/** A full queue, in the words of this package. */
export function busyInstead(error: unknown): never {
  if (!QueueFullError.is(error)) throw error;
  throw new BusyError(`too many calls wait for their turn: ${error.message}`, { cause: error });
}
