import type { Duration } from "@infra/interfaces";

/** Decides when the next operation may begin. One can serve several queues, which then share what it allows. */
export interface RateLimiter {
  /**
   * Takes a turn and returns 0; or takes none and returns after how many milliseconds, more than 0, to ask again.
   *
   * @param nowMs - a monotonic reading in milliseconds; never less than before.
   */
  take(nowMs: number): number;
}

/** Options of a rate limit. */
export interface RateLimitOptions {
  /** How many may begin … */
  readonly limit: number;
  /** … in so much time. */
  readonly window: Duration;
}
