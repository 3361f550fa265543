import { systemClock } from "@infra/interfaces";
import { linkSignals } from "@infra/promises";

/**
 * Runs work that may take so long. Unlike `withTimeout`, it waits until the work has ended, which has to heed its signal: when
 * it rejects, nothing runs any more and nothing is left behind.
 *
 * @throws what `error` makes when the time is over; the signal's reason
 */
export async function withinTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  {
    timeoutMs,
    signal,
    error,
  }: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly error: (timeoutMs: number) => Error;
  },
): Promise<T> {
  using link = linkSignals(signal);
  const stopTimer = systemClock.setTimeout(() => link.abort(error(timeoutMs)), timeoutMs);
  try {
    return await work(link.signal);
  } catch (failure) {
    throw link.signal.aborted ? link.signal.reason : failure;
  } finally {
    stopTimer();
  }
}
