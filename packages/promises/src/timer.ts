import type { Clock } from "@infra/interfaces";

/** What a timer of Node.js can hold; a longer one fires at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Calls back once after a delay of any length, `Infinity` included; what it returns takes the call back.
 */
export function startTimer(
  clock: Clock,
  delayMs: number,
  callback: () => void,
  options?: { readonly unref?: boolean },
): () => void {
  if (delayMs <= longestMs) return clock.setTimeout(callback, delayMs, options);
  let cancel = clock.setTimeout(
    function next() {
      cancel = startTimer(clock, delayMs - longestMs, callback, options);
    },
    longestMs,
    options,
  );
  return () => cancel();
}
