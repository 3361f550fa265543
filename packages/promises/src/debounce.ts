import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { DueRun } from "./due-run.js";

/** Options of {@link debounce}. */
export interface DebounceOptions {
  /** How long nobody may have called before the function runs. */
  readonly wait: Duration;
  /** The longest that calls can put it off. @default Infinity */
  readonly maxWait?: Duration;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** A function that is put off. */
export interface PutOff<A extends readonly unknown[], R> {
  /** The result of the run that this call ends up in. */
  (...args: A): Promise<R>;
  /** Runs it now if a run is due; those who called get the result. */
  readonly flush: () => void;
  /** Calls the due run off; those who called get an `AbortError`, which counts as handled. */
  readonly cancel: () => void;
}

/**
 * Puts a function off until nobody has called it for a while. All calls until then end up in one run, with the arguments
 * of the last, and share its result.
 *
 * @throws RangeError when an option is out of range.
 */
export function debounce<A extends readonly unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
  options: DebounceOptions,
): PutOff<A, R> {
  const { clock = systemClock } = options;
  const waitMs = toMilliseconds(options.wait, "debounce: wait");
  const maxWaitMs = toMilliseconds(options.maxWait ?? Infinity, "debounce: maxWait");
  let due: DueRun<A, R> | undefined;
  let firstCallAt = 0;

  function flush(): void {
    due?.run();
  }

  function debounced(...args: A): Promise<R> {
    const now = clock.monotonic();
    if (!due) {
      firstCallAt = now;
      due = new DueRun(fn, () => (due = undefined));
    }
    const leftMs = Math.max(0, Math.min(waitMs, firstCallAt + maxWaitMs - now));
    due.putOff(args, clock.setTimeout(flush, leftMs));
    return due.promise;
  }

  return Object.assign(debounced, { flush, cancel: () => due?.cancel() });
}
