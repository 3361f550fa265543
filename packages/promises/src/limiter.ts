import { Semaphore } from "./semaphore.js";
import { wholeNumber } from "./whole-number.js";
import type { WaitOptions, Work } from "./work.js";

/** Options of {@link limiter}. */
export interface LimiterOptions {
  /** How many run at once. */
  readonly concurrency: number;
  /** How many may wait; who comes after that is refused at once, which makes it a bulkhead. @default Infinity */
  readonly maxWaiting?: number;
}

/** Runs work when its turn comes. */
export interface Limiter {
  /**
   * `signal` ends the wait for the turn, and is handed to the work.
   *
   * @throws QueueFullError `ERR_PROMISES_QUEUE_FULL`; the signal's reason when it aborts before the work began; what the
   * work throws.
   */
  <T>(work: Work<T>, options?: WaitOptions): Promise<T>;
  /** How many run. */
  readonly active: number;
  /** How many wait. */
  readonly waiting: number;
}

/**
 * Makes a function that runs work, so much at a time, first come first served:
 * `const limit = limiter({ concurrency: 4 }); await limit(({ signal }) => fetch(url, { signal }))`.
 *
 * @throws RangeError when an option is not a whole number in range.
 */
export function limiter(options: LimiterOptions): Limiter {
  const semaphore = new Semaphore({
    permits: wholeNumber(options.concurrency, "limiter: concurrency"),
    maxWaiting: wholeNumber(options.maxWaiting ?? Infinity, "limiter: maxWaiting", 0),
  });
  const limit = <T>(work: Work<T>, wait?: WaitOptions): Promise<T> => semaphore.run(work, wait);
  return Object.defineProperties(limit, {
    active: { get: () => semaphore.active },
    waiting: { get: () => semaphore.waiting },
  }) as Limiter;
}
