import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { deferred, type Deferred } from "./deferred.js";
import { startTimer } from "./timer.js";

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
  /** Calls the due run off; those who called get an `AbortError`. */
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
    due.putOff(args, startTimer(clock, leftMs, flush));
    return due.promise;
  }

  return Object.assign(debounced, { flush, cancel: () => due?.cancel() });
}

/** One run that is due, and everybody who waits for it. */
export class DueRun<A extends readonly unknown[], R> {
  readonly #fn: (...args: A) => R | PromiseLike<R>;
  readonly #onEnd: () => void;
  readonly #result: Deferred<R> = deferred<R>();
  #args: A | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(fn: (...args: A) => R | PromiseLike<R>, onEnd: () => void) {
    this.#fn = fn;
    this.#onEnd = onEnd;
  }

  get promise(): Promise<R> {
    return this.#result.promise;
  }

  /** Takes the arguments of the latest call; a new timer takes the place of the last one. */
  putOff(args: A, stopTimer?: () => void): void {
    this.#args = args;
    if (!stopTimer) return;
    this.#stopTimer?.();
    this.#stopTimer = stopTimer;
  }

  run(): void {
    this.#end();
    this.#result.resolve(this.#call());
  }

  cancel(): void {
    this.#end();
    this.#result.reject(new DOMException("the call was called off", "AbortError"));
  }

  #end(): void {
    this.#stopTimer?.();
    this.#onEnd();
  }

  async #call(): Promise<R> {
    return await this.#fn(...this.#args!);
  }
}
