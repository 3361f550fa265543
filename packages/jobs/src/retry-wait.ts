import { toMilliseconds, type JobBackoff } from "@infra/interfaces";

const defaultBackoff: JobBackoff = { kind: "exponential", delay: "1s", max: "1h", jitter: 0.5 };

/** @throws RangeError when a part of it can't be. */
export function checkBackoff(backoff: JobBackoff, name = "backoff"): void {
  if (backoff.kind !== "fixed" && backoff.kind !== "exponential") {
    throw new RangeError(
      `${name}.kind must be "fixed" or "exponential", got ${JSON.stringify(backoff.kind)}`,
    );
  }
  toMilliseconds(backoff.delay, `${name}.delay`);
  if (backoff.max !== undefined) toMilliseconds(backoff.max, `${name}.max`);
  const { jitter = 0 } = backoff;
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`${name}.jitter must be a number from 0 to 1, got ${String(jitter)}`);
  }
}

/**
 * The wait before the next attempt, in milliseconds. Without a back-off: from a second on, doubled each time, half of it
 * left to chance.
 *
 * @param failures - how many attempts have failed, from 1
 * @param random - a number from 0 up to 1
 */
export function retryWaitMs(
  backoff: JobBackoff | undefined,
  failures: number,
  random: () => number,
): number {
  const { kind, delay, max = Infinity, jitter = 0 } = backoff ?? defaultBackoff;
  const delayMs = toMilliseconds(delay);
  const grownMs = kind === "fixed" ? delayMs : delayMs * 2 ** (failures - 1);
  const longestMs = Math.min(grownMs, toMilliseconds(max));
  return Math.round(longestMs * (1 - jitter * random()));
}
