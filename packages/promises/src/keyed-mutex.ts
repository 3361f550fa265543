import { Mutex } from "./mutex.js";
import type { Permit } from "./semaphore.js";
import { contextOf, type WaitOptions, type Work } from "./work.js";

/** A {@link Mutex} per key; a key that nobody holds takes no memory. */
export class KeyedMutex<K> {
  readonly #mutexes = new Map<K, Mutex>();

  /** How many keys are held. */
  get size(): number {
    return this.#mutexes.size;
  }

  /** Whether somebody holds the key. */
  isLocked(key: K): boolean {
    return this.#mutexes.has(key);
  }

  /**
   * Waits for the key's lock.
   *
   * @throws the signal's reason when it aborts first.
   */
  async acquire(key: K, options: WaitOptions = {}): Promise<Permit> {
    options.signal?.throwIfAborted();
    let mutex = this.#mutexes.get(key);
    if (!mutex) this.#mutexes.set(key, (mutex = new Mutex()));
    const permit = await mutex.acquire(options);
    const release = (): void => {
      permit.release();
      // released to nobody: the next to come starts afresh
      if (!mutex.locked && this.#mutexes.get(key) === mutex) this.#mutexes.delete(key);
    };
    return { release, [Symbol.dispose]: release };
  }

  /**
   * Runs work that holds the key's lock. `signal` ends the wait for it, and is handed to the work.
   *
   * @throws the signal's reason when it aborts before the work began; what the work throws.
   */
  async run<T>(key: K, work: Work<T>, options: WaitOptions = {}): Promise<T> {
    const lock = await this.acquire(key, options);
    try {
      return await work(contextOf(options.signal));
    } finally {
      lock.release();
    }
  }
}
