import { systemClock, toMilliseconds, type Clock } from "@infra/interfaces";

import { backoffMs, type BackoffOptions } from "./backoff.js";
import { isRetryable, retryAfterMsOf } from "./is-retryable.js";
import type { RetryBudget } from "./retry-budget.js";
import { sleep } from "./sleep.js";
import { wholeNumber } from "./whole-number.js";
import { UnabortableContext, type WaitOptions, type WorkContext } from "./work.js";

/** What an attempt is told. */
export interface AttemptContext extends WorkContext {
  /** Which attempt it is, from 1. */
  readonly attempt: number;
}

/** What `onRetry` is told. */
export interface RetryEvent {
  readonly error: unknown;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** The wait before the next one. */
  readonly delayMs: number;
}

/** Options of {@link retry}. */
export interface RetryOptions extends WaitOptions {
  /** Attempts in all, the first included. @default 3 */
  readonly attempts?: number;
  /** @default { initial: "100ms", factor: 2, max: "30s", jitter: "full" } */
  readonly backoff?: BackoffOptions;
  /** Whether to try again after this error. @default isRetryable */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
  /** Bounds the retries of all who share it. */
  readonly budget?: RetryBudget | undefined;
  /** Told before each wait; what it throws ends the call. */
  readonly onRetry?: (event: RetryEvent) => void;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Runs work again while it fails for a reason that may pass. Waits longer each time, a random part of it, and never less
 * than the error's `retryAfterMs`. It gives up, with the error of the last attempt as it is, when the attempts or the
 * budget are used up, the error is not retryable, or its `retryAfterMs` is longer than `backoff.max`.
 *
 * @throws the error of the last attempt; the signal's reason when it aborts before an attempt or during a wait.
 */
export async function retry<T>(
  work: (context: AttemptContext) => T | PromiseLike<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { signal, retryIf = isRetryable, budget, clock = systemClock, onRetry } = options;
  const attempts = wholeNumber(options.attempts ?? 3, "retry: attempts");
  signal?.throwIfAborted();
  budget?.deposit();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(signal ? { signal, attempt } : new UnabortableAttempt(attempt));
    } catch (error) {
      if (attempt >= attempts || signal?.aborted || !retryIf(error, attempt)) throw error;
      const delayMs = delayAfter(error, attempt, options);
      if (delayMs === undefined || budget?.withdraw() === false) throw error;
      onRetry?.({ error, attempt, delayMs });
      await sleep(delayMs, { signal, clock });
    }
  }
}

class UnabortableAttempt extends UnabortableContext implements AttemptContext {
  constructor(readonly attempt: number) {
    super();
  }
}

/** `undefined` when the one who failed asks for more patience than we have. */
function delayAfter(error: unknown, attempt: number, options: RetryOptions): number | undefined {
  const { backoff = {}, random } = options;
  const askedMs = retryAfterMsOf(error) ?? 0;
  if (askedMs > toMilliseconds(backoff.max ?? "30s", "retry: backoff.max")) return undefined;
  // on top of what was asked for, so that everybody who was told the same does not come back together
  return askedMs + backoffMs(attempt, backoff, random);
}
