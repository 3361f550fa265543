import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { TimedOutError } from "./errors.js";
import type { AttemptContext } from "./retry.js";
import { sleep } from "./sleep.js";
import { withTimeout } from "./with-timeout.js";
import type { WaitOptions, WorkContext } from "./work.js";

/** Options of {@link pollUntil}. */
export interface PollOptions extends WaitOptions {
  /** The wait between the end of one check and the next. @default "50ms" */
  readonly interval?: Duration;
  /** How long to go on; `Infinity` for ever. @default "10s" */
  readonly timeout?: Duration;
  /** Whether a check that throws counts as "not yet". @default never */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
  /** What is waited for, in the error's message. @default "the condition" */
  readonly name?: string;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** The values that mean "not yet". */
export type NotYet = false | 0 | "" | null | undefined;

/**
 * Calls `check` until it returns something truthy, and returns that. The time-out also ends a check that hangs, through
 * its signal.
 *
 * @throws TimedOutError `ERR_PROMISES_TIMEOUT`, with the last error of `check` as its cause; the signal's reason when it
 * aborts; what `check` throws, unless `retryIf` says to go on.
 */
export async function pollUntil<T>(
  check: (context: AttemptContext) => T | PromiseLike<T>,
  options: PollOptions = {},
): Promise<Exclude<T, NotYet>> {
  const { signal, clock = systemClock, name = "the condition", retryIf = () => false } = options;
  const intervalMs = toMilliseconds(options.interval ?? "50ms", "pollUntil: interval");
  const timeout = toMilliseconds(options.timeout ?? "10s", "pollUntil: timeout");
  let attempt = 0;
  let lastError: unknown;

  async function poll({ signal: ended }: WorkContext): Promise<Exclude<T, NotYet>> {
    for (;;) {
      attempt++;
      try {
        const value = await check({ signal: ended, attempt });
        if (value) return value as Exclude<T, NotYet>;
      } catch (error) {
        if (ended.aborted || !retryIf(error, attempt)) throw error;
        lastError = error;
      }
      await sleep(intervalMs, { signal: ended, clock });
    }
  }

  return await withTimeout(poll, {
    timeout,
    signal,
    clock,
    error: (timeoutMs) =>
      new TimedOutError(`${name} was not met within ${timeoutMs} ms, in ${attempt} checks`, {
        details: { timeoutMs },
        ...(lastError !== undefined && { cause: lastError }),
      }),
  });
}
