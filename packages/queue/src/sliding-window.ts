import { toMilliseconds } from "@infra/interfaces";

import { positive, wholeNumber } from "./numbers.js";
import type { RateLimiter, RateLimitOptions } from "./rate-limiter.js";

/**
 * At most `limit` in any stretch of time as long as `window`, wherever it begins. Remembers when the last `limit` began:
 * eight bytes for each.
 */
export class SlidingWindow implements RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  /** When the last ones began, as a ring that grows up to the limit. */
  #begun = new Float64Array(16);
  #oldest = 0;
  #count = 0;

  /** @throws RangeError when the limit is no whole number from 1 to 10,000,000, or the window no duration above 0. */
  constructor(options: RateLimitOptions) {
    this.#limit = wholeNumber(options.limit, "SlidingWindow: limit", 1, 10_000_000);
    this.#windowMs = positive(
      toMilliseconds(options.window, "SlidingWindow: window"),
      "SlidingWindow: window",
    );
  }

  take(nowMs: number): number {
    if (this.#count === this.#limit) {
      const waitMs = this.#begun[this.#oldest]! + this.#windowMs - nowMs;
      if (waitMs > 0) return waitMs;
      this.#oldest = (this.#oldest + 1) % this.#begun.length;
      this.#count -= 1;
    }
    if (this.#count === this.#begun.length) this.#grow();
    this.#begun[(this.#oldest + this.#count) % this.#begun.length] = nowMs;
    this.#count += 1;
    return 0;
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#begun.length);
    grown.set(this.#begun.subarray(this.#oldest));
    grown.set(this.#begun.subarray(0, this.#oldest), this.#begun.length - this.#oldest);
    this.#begun = grown;
    this.#oldest = 0;
  }
}
