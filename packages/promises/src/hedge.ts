import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { linkSignals, type LinkedSignal } from "./link-signals.js";
import { wholeNumber } from "./whole-number.js";
import type { WaitOptions, Work } from "./work.js";

/** Options of {@link hedge}. */
export interface HedgeOptions extends WaitOptions {
  /** How long to wait for an attempt before the next one is started beside it. */
  readonly delay: Duration;
  /** Attempts in all, the first included. @default 2 */
  readonly attempts?: number;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Runs work again beside itself when it is slow, and takes the first success; the others are aborted. An attempt that
 * fails starts the next one at once. Only for work that may be done twice.
 *
 * @throws the error when there was one attempt; an AggregateError of all, in the order in which they began; the signal's
 * reason when it aborts.
 */
export async function hedge<T>(work: Work<T>, options: HedgeOptions): Promise<T> {
  const { signal, clock = systemClock } = options;
  const delayMs = toMilliseconds(options.delay, "hedge: delay");
  const attempts = wholeNumber(options.attempts ?? 2, "hedge: attempts");
  signal?.throwIfAborted();
  // one each: the winner's result may still hang on its signal, as a response's body does
  const links: LinkedSignal[] = [];
  const errors: unknown[] = [];
  let failed = 0;
  let winner: LinkedSignal | undefined;
  let stopTimer: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort);

      async function run(at: number, link: LinkedSignal): Promise<void> {
        try {
          const value = await work(link);
          winner ??= link;
          resolve(value);
        } catch (error) {
          errors[at] = error;
          failed++;
          if (failed === attempts) reject(attempts === 1 ? error : everyAttemptFailed(errors));
          else if (links.length < attempts && !winner && !signal?.aborted) begin();
        }
      }
      function begin(): void {
        stopTimer?.();
        const link = linkSignals(signal);
        const at = links.push(link) - 1;
        // before the work, which may fail at once and begin the next
        if (links.length < attempts) stopTimer = clock.setTimeout(begin, delayMs);
        void run(at, link);
      }
      begin();
    });
  } finally {
    stopTimer?.();
    if (onAbort) signal?.removeEventListener("abort", onAbort);
    for (const link of links) {
      if (link !== winner) link.abort(signal?.aborted ? signal.reason : overtaken());
      link[Symbol.dispose]();
    }
  }
}

function overtaken(): DOMException {
  return new DOMException("another attempt was faster", "AbortError");
}

function everyAttemptFailed(errors: readonly unknown[]): AggregateError {
  return new AggregateError(errors, `all ${errors.length} attempts failed`);
}
