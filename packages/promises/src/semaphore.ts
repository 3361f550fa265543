import { QueueFullError } from "./errors.js";
import { LinkedList } from "./linked-list.js";
import { wholeNumber } from "./whole-number.js";
import { contextOf, signalOf, type WaitOptions, type Work } from "./work.js";

/** Options of {@link Semaphore}. */
export interface SemaphoreOptions {
  /** How many may hold it at once. */
  readonly permits: number;
  /** How many may wait for it at once. @default Infinity */
  readonly maxWaiting?: number;
}

/** The right to go on, until it is released. */
export interface Permit extends Disposable {
  /** Gives it back; a second call does nothing. */
  readonly release: () => void;
  [Symbol.dispose](): void;
}

/** Lets so many in at a time, in the order in which they came. */
export class Semaphore {
  readonly #permits: number;
  readonly #maxWaiting: number;
  readonly #waiting = new LinkedList<() => void>();
  #held = 0;

  /** @throws RangeError when an option is not a whole number in range. */
  constructor(options: SemaphoreOptions) {
    this.#permits = wholeNumber(options.permits, "Semaphore: permits");
    this.#maxWaiting = wholeNumber(options.maxWaiting ?? Infinity, "Semaphore: maxWaiting", 0);
  }

  /** How many hold it. */
  get active(): number {
    return this.#held;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits for a permit.
   *
   * @throws QueueFullError `ERR_PROMISES_QUEUE_FULL`; the signal's reason when it aborts first.
   */
  async acquire(options?: WaitOptions): Promise<Permit> {
    await this.#enter(signalOf(options));
    return this.#permit();
  }

  /** A permit if there is one at once. */
  tryAcquire(): Permit | undefined {
    if (this.#held >= this.#permits) return undefined;
    this.#held++;
    return this.#permit();
  }

  /**
   * Runs work that holds a permit. `signal` ends the wait for it, and is handed to the work.
   *
   * @throws QueueFullError `ERR_PROMISES_QUEUE_FULL`; the signal's reason when it aborts before the work began; what the
   * work throws.
   */
  async run<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    const signal = signalOf(options);
    const turn = this.#enter(signal);
    if (turn) await turn;
    try {
      return await work(contextOf(signal));
    } finally {
      this.#leave();
    }
  }

  #enter(signal: AbortSignal | undefined): Promise<void> | undefined {
    signal?.throwIfAborted();
    if (this.#held < this.#permits) {
      this.#held++;
      return undefined;
    }
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new QueueFullError(
        `${this.#held} at work and ${this.#waiting.size} waiting: nobody else may wait`,
        { details: { concurrency: this.#permits, maxWaiting: this.#maxWaiting } },
      );
    }
    if (signal) return this.#waitUntil(signal);
    return new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  #waitUntil(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const node = this.#waiting.push(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = (): void => {
        this.#waiting.remove(node);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** The permit goes to the next in line: nobody who comes in between can take it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#held--;
  }

  #permit(): Permit {
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.#leave();
    };
    return { release, [Symbol.dispose]: release };
  }
}
