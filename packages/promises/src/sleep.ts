import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import type { WaitOptions } from "./work.js";

/** Options of {@link sleep}. */
export interface SleepOptions extends WaitOptions {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Lets the process exit while it sleeps. @default false */
  readonly unref?: boolean;
}

/**
 * Waits. Rejects with the signal's reason as soon as it aborts; the timer is then cleared. `Infinity` waits for the
 * signal alone.
 *
 * @throws RangeError when the delay is not a duration.
 */
export async function sleep(delay: Duration, options: SleepOptions = {}): Promise<void> {
  const { signal, clock = systemClock, unref = false } = options;
  const delayMs = toMilliseconds(delay, "sleep: delay");
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      delayMs,
      { unref },
    );
    function onAbort(this: AbortSignal): void {
      cancel();
      reject(this.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
