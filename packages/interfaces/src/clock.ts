/** Where time comes from, so that a test can move it. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** A monotonic reading in milliseconds, for measuring; its origin means nothing. */
  monotonic(): number;
  /**
   * Calls back once after a delay in milliseconds, of any length; never for `Infinity`. What it returns takes the call
   * back. The timer keeps the process alive unless `unref` is set.
   */
  setTimeout(
    callback: () => void,
    delayMs: number,
    options?: { readonly unref?: boolean | undefined },
  ): () => void;
}

/** What a timer of Node.js can hold: it fires at once when it is given more. */
const longestMs = 2 ** 31 - 1;

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs, options) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const stretchMs = Math.min(leftMs, longestMs);
      timer = setTimeout(
        () => (leftMs > longestMs ? wait(leftMs - longestMs) : callback()),
        stretchMs,
      );
      if (options?.unref) timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
