import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import type { PutOff } from "./debounce.js";
import { DueRun } from "./due-run.js";

/** Options of {@link throttle}. */
export interface ThrottleOptions {
  /** The least time from the start of one run to the start of the next. */
  readonly interval: Duration;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Lets a function begin at most once per interval: the first call at once, all that come within the interval in one run
 * at its end, with the arguments of the last.
 *
 * @throws RangeError when an option is out of range.
 */
export function throttle<A extends readonly unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
  options: ThrottleOptions,
): PutOff<A, R> {
  const { clock = systemClock } = options;
  const intervalMs = toMilliseconds(options.interval, "throttle: interval");
  let due: DueRun<A, R> | undefined;
  let nextAt = -Infinity;

  function run(): void {
    if (!due) return;
    nextAt = clock.monotonic() + intervalMs;
    due.run();
  }

  function throttled(...args: A): Promise<R> {
    const leftMs = nextAt - clock.monotonic();
    const joining = due;
    const mine = (due ??= new DueRun(fn, () => (due = undefined)));
    mine.putOff(args, joining || leftMs <= 0 ? undefined : clock.setTimeout(run, leftMs));
    if (!joining && leftMs <= 0) run();
    return mine.promise;
  }

  return Object.assign(throttled, { flush: run, cancel: () => due?.cancel() });
}
