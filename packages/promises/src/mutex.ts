import { Semaphore, type Permit } from "./semaphore.js";
import type { WaitOptions, Work } from "./work.js";

/** Lets one in at a time, in the order in which they came. It is not re-entrant. */
export class Mutex {
  readonly #semaphore = new Semaphore({ permits: 1 });

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.#semaphore.active > 0;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /**
   * Waits for the lock: `using lock = await mutex.acquire({ signal })`.
   *
   * @throws the signal's reason when it aborts first.
   */
  acquire(options?: WaitOptions): Promise<Permit> {
    return this.#semaphore.acquire(options);
  }

  /** The lock if it is free. */
  tryAcquire(): Permit | undefined {
    return this.#semaphore.tryAcquire();
  }

  /**
   * Runs work that holds the lock. `signal` ends the wait for it, and is handed to the work.
   *
   * @throws the signal's reason when it aborts before the work began; what the work throws.
   */
  run<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    return this.#semaphore.run(work, options);
  }
}
