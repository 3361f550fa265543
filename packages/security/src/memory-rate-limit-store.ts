import {
  systemClock,
  type Clock,
  type RateLimitResult,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

/** Options of {@link MemoryRateLimitStore}. */
export interface MemoryRateLimitOptions {
  /** How many keys are counted at once; beyond that the one that was quiet for longest is forgotten. @default 100_000 */
  readonly maxKeys?: number | undefined;
  readonly clock?: Clock | undefined;
}

interface Hit {
  readonly atMs: number;
  readonly cost: number;
}

/**
 * Counts attempts in this process, exactly: every one counts for as long as the window is. What has several processes
 * needs a store that they share, or each of them allows the whole limit.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #hits = new Map<string, Hit[]>();
  readonly #maxKeys: number;
  readonly #clock: Clock;

  /** @throws RangeError when `maxKeys` is not a whole number from 1. */
  constructor(options: MemoryRateLimitOptions = {}) {
    const { maxKeys = 100_000, clock = systemClock } = options;
    if (!Number.isSafeInteger(maxKeys) || maxKeys < 1) {
      throw new RangeError(
        `MemoryRateLimitStore: maxKeys must be a whole number from 1, got ${String(maxKeys)}`,
      );
    }
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  // not async: looking and counting are one step
  consume(
    key: string,
    rule: RateLimitRule,
    { cost = 1 }: { readonly cost?: number | undefined } = {},
  ): Promise<RateLimitResult> {
    const nowMs = this.#clock.now();
    const hits = (this.#hits.get(key) ?? []).filter(({ atMs }) => atMs > nowMs - rule.windowMs);
    const used = hits.reduce((sum, each) => sum + each.cost, 0);
    const capacity = rule.limit + (rule.burst ?? 0);
    const allowed = used + cost <= capacity;
    if (allowed) hits.push({ atMs: nowMs, cost });
    this.#keep(key, hits);
    return Promise.resolve({
      allowed,
      remaining: Math.max(0, capacity - used - (allowed ? cost : 0)),
      resetMs: hits.length === 0 ? 0 : hits.at(-1)!.atMs + rule.windowMs - nowMs,
      retryAfterMs: allowed ? 0 : waitMs(hits, used + cost - capacity, rule.windowMs, nowMs),
    });
  }

  reset(key: string): Promise<void> {
    this.#hits.delete(key);
    return Promise.resolve();
  }

  #keep(key: string, hits: Hit[]): void {
    // to the end of the map: the first is the one that was quiet for longest
    this.#hits.delete(key);
    if (hits.length === 0) return;
    this.#hits.set(key, hits);
    if (this.#hits.size > this.#maxKeys) this.#hits.delete(this.#hits.keys().next().value!);
  }
}

/** Until enough of the hits have left the window. */
function waitMs(hits: readonly Hit[], excess: number, windowMs: number, nowMs: number): number {
  let left = excess;
  for (const { atMs, cost } of hits) {
    left -= cost;
    if (left <= 0) return atMs + windowMs - nowMs;
  }
  return windowMs;
}
