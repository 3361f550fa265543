import type { RateLimiter, RateLimitOptions } from "./rate-limiter.js";
import { SlidingWindow } from "./sliding-window.js";
import { TokenBucket } from "./token-bucket.js";

/** A rate limit as an option: a `SlidingWindow`, or a `TokenBucket` when there is a `burst`. */
export interface RateLimit extends RateLimitOptions {
  /** How many may begin at once after a pause. @default no bucket: never more than the limit in any window */
  readonly burst?: number | undefined;
}

/** @throws RangeError when the limit can't be. */
export function toRateLimiter(limit: RateLimit | RateLimiter | undefined): RateLimiter | undefined {
  if (limit === undefined || "take" in limit) return limit;
  return limit.burst === undefined ? new SlidingWindow(limit) : new TokenBucket(limit);
}
