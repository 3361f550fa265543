import type { Clock, RateLimitResult, RateLimitRule, RateLimitStore } from "@infra/interfaces";

const mostKeys = 100_000;

/**
 * Counts attempts in this process, each by its time: exact, and bounded. What was counted longest ago is forgotten first
 * when there are too many keys.
 */
export class LocalAttempts implements RateLimitStore {
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Map<number, readonly number[]>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async consume(
    key: string,
    { limit, windowMs }: RateLimitRule,
    { cost = 1, signal }: Parameters<RateLimitStore["consume"]>[2] = {},
  ): Promise<RateLimitResult> {
    signal?.throwIfAborted();
    const now = this.#clock.now();
    const windows = this.#attempts.get(key) ?? new Map<number, readonly number[]>();
    const there = (windows.get(windowMs) ?? []).filter((at) => at > now - windowMs);
    const allowed = there.length + cost <= limit;
    const counted = allowed ? [...there, ...Array.from({ length: cost }, () => now)] : there;
    windows.set(windowMs, counted);
    this.#keep(key, windows);
    // as many have to be forgotten as stand in the way
    const last = counted[counted.length + cost - limit - 1];
    return {
      allowed,
      remaining: Math.max(0, limit - counted.length),
      resetMs: counted.length === 0 ? 0 : counted.at(-1)! + windowMs - now,
      retryAfterMs: allowed ? 0 : (last ?? now) + windowMs - now,
    };
  }

  async reset(key: string): Promise<void> {
    this.#attempts.delete(key);
  }

  #keep(key: string, windows: Map<number, readonly number[]>): void {
    this.#attempts.delete(key);
    this.#attempts.set(key, windows);
    if (this.#attempts.size <= mostKeys) return;
    const [oldest] = this.#attempts.keys();
    this.#attempts.delete(oldest!);
  }
}
