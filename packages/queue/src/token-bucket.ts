import { toMilliseconds } from "@infra/interfaces";

import { positive, wholeNumber } from "./numbers.js";
import type { RateLimiter, RateLimitOptions } from "./rate-limiter.js";

/** Options of {@link TokenBucket}. */
export interface TokenBucketOptions extends RateLimitOptions {
  /** How many tokens it holds at the most, and at the start. @default limit */
  readonly burst?: number | undefined;
}

/**
 * `limit` tokens flow in per `window`, evenly, and each operation takes one: after a pause `burst` of them begin at once, so
 * that a window may see `burst + limit`. See `SlidingWindow` for a strict bound.
 */
export class TokenBucket implements RateLimiter {
  readonly #burst: number;
  readonly #msPerToken: number;
  /** When the bucket will be full again, as far as has been taken; in the past when it is. */
  #fullAtMs = -Infinity;

  /** @throws RangeError when the limit or the burst is no whole number from 1, or the window no duration above 0. */
  constructor(options: TokenBucketOptions) {
    const limit = wholeNumber(options.limit, "TokenBucket: limit", 1);
    this.#burst = wholeNumber(options.burst ?? limit, "TokenBucket: burst", 1);
    const windowMs = toMilliseconds(options.window, "TokenBucket: window");
    this.#msPerToken = positive(windowMs, "TokenBucket: window") / limit;
  }

  take(nowMs: number): number {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#msPerToken;
    // a millionth of a token is what adding up fractions may cost
    const waitMs = fullAtMs - nowMs - this.#msPerToken * (this.#burst + 1e-6);
    if (waitMs > 0) return waitMs;
    this.#fullAtMs = fullAtMs;
    return 0;
  }
}
