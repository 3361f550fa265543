import { LinkedList } from "./linked-list.js";
import type { Permit } from "./semaphore.js";
import { contextOf, signalOf, type WaitOptions, type Work } from "./work.js";

interface Waiter {
  readonly writes: boolean;
  readonly enter: () => void;
}

/**
 * Lets many read at once, or one write. Who comes waits behind everybody who came before, so that neither readers nor
 * writers starve. It is not re-entrant: a reader that asks to write waits for itself.
 */
export class ReadWriteLock {
  readonly #waiting = new LinkedList<Waiter>();
  #readers = 0;
  #writing = false;

  /** How many read. */
  get readers(): number {
    return this.#readers;
  }

  /** Whether somebody writes. */
  get writing(): boolean {
    return this.#writing;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws the signal's reason when it aborts first. */
  acquireRead(options?: WaitOptions): Promise<Permit> {
    return this.#acquire(false, options);
  }

  /** @throws the signal's reason when it aborts first. */
  acquireWrite(options?: WaitOptions): Promise<Permit> {
    return this.#acquire(true, options);
  }

  /**
   * Runs work beside other readers. `signal` ends the wait, and is handed to the work.
   *
   * @throws the signal's reason when it aborts before the work began; what the work throws.
   */
  read<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    return this.#run(false, work, options);
  }

  /**
   * Runs work alone. `signal` ends the wait, and is handed to the work.
   *
   * @throws the signal's reason when it aborts before the work began; what the work throws.
   */
  write<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    return this.#run(true, work, options);
  }

  async #run<T>(writes: boolean, work: Work<T>, options?: WaitOptions): Promise<T> {
    const permit = await this.#acquire(writes, options);
    try {
      return await work(contextOf(signalOf(options)));
    } finally {
      permit.release();
    }
  }

  async #acquire(writes: boolean, options?: WaitOptions): Promise<Permit> {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    if (this.#waiting.size === 0 && this.#admits(writes)) this.#enter(writes);
    else await this.#wait(writes, signal);
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      if (writes) this.#writing = false;
      else this.#readers--;
      this.#next();
    };
    return { release, [Symbol.dispose]: release };
  }

  #wait(writes: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const node = this.#waiting.push({
        writes,
        enter: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      });
      const onAbort = (): void => {
        this.#waiting.remove(node);
        reject(signal?.reason);
        // a writer that left may have kept readers waiting
        this.#next();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #next(): void {
    for (let first = this.#waiting.first; first && this.#admits(first.writes);) {
      this.#waiting.shift();
      this.#enter(first.writes);
      first.enter();
      first = this.#waiting.first;
    }
  }

  #admits(writes: boolean): boolean {
    return !this.#writing && (!writes || this.#readers === 0);
  }

  #enter(writes: boolean): void {
    if (writes) this.#writing = true;
    else this.#readers++;
  }
}
