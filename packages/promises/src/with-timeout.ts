import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { TimedOutError } from "./errors.js";
import { linkSignals } from "./link-signals.js";
import type { WaitOptions, Work } from "./work.js";

/** Options of {@link withTimeout}. */
export interface TimeoutOptions extends WaitOptions {
  /** How long the work may take; `Infinity` for no bound. */
  readonly timeout: Duration;
  /** What the work is called in the error's message. @default "work" */
  readonly name?: string | undefined;
  /** Makes the error for when the time is over, for one with a code of your own. @default a TimedOutError */
  readonly error?: ((timeoutMs: number) => unknown) | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Runs work that may take so long. When the time is over, or `signal` aborts, the work's own signal is aborted and the
 * call rejects at once, whether or not the work listens; what the work still does after that is nobody's result, and its
 * rejection counts as handled.
 *
 * @throws TimedOutError `ERR_PROMISES_TIMEOUT` when the time is over; the signal's reason when `signal` aborted.
 */
export async function withTimeout<T>(work: Work<T>, options: TimeoutOptions): Promise<T> {
  const { signal, clock = systemClock, name = "work" } = options;
  const { error: makeError = timedOut } = options;
  const timeoutMs = toMilliseconds(options.timeout, "withTimeout: timeout");
  signal?.throwIfAborted();
  const link = linkSignals(signal);
  function timedOut(afterMs: number): TimedOutError {
    return new TimedOutError(`${name} took longer than ${afterMs} ms`, {
      details: { timeoutMs: afterMs },
    });
  }
  let stopTimer: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      // before the work adds its own listeners, so that the reason wins over what the work makes of it
      link.signal.addEventListener("abort", () => reject(link.signal.reason), { once: true });
      stopTimer = clock.setTimeout(() => link.abort(makeError(timeoutMs)), timeoutMs);
      // resolving with the work's promise would make it too late to reject
      Promise.resolve(work(link)).then(resolve, reject);
    });
  } finally {
    stopTimer?.();
    link[Symbol.dispose]();
  }
}
