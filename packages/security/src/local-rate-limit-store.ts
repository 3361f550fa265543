import {
  systemClock,
  type Clock,
  type RateLimitResult,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

interface Counts {
  /** What was counted and may count still, the oldest first. */
  readonly hits: readonly { readonly atMs: number; readonly cost: number }[];
  /** How much of the burst is used up; it is back after a whole window in which nothing counted. */
  readonly burstUsed: number;
}

/** A guard against memory filling up: beyond, the key that was asked for longest ago is forgotten. */
const mostKeys = 100_000;

/**
 * What the guards of this package count with when they are given no store: in this process alone, each attempt for exactly
 * as long as the window is.
 */
export class LocalRateLimitStore implements RateLimitStore {
  /** By key, then by the length of the window. */
  readonly #counts = new Map<string, Map<number, Counts>>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async consume(
    key: string,
    rule: RateLimitRule,
    options: { readonly cost?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RateLimitResult> {
    const { cost = 1, signal } = options;
    check(key, rule, cost);
    signal?.throwIfAborted();
    const { limit, windowMs, burst = 0 } = rule;
    const nowMs = this.#clock.now();
    const counts = this.#counts.get(key) ?? new Map<number, Counts>();
    const before = counts.get(windowMs);
    const keptMs = burst > 0 ? 2 * windowMs : windowMs;
    const kept = (before?.hits ?? []).filter(({ atMs }) => atMs + keptMs > nowMs);
    const inWindow = kept.filter(({ atMs }) => atMs + windowMs > nowMs);
    const used = inWindow.reduce((sum, hit) => sum + hit.cost, 0);
    const burstUsed = kept.length === 0 ? 0 : (before?.burstUsed ?? 0);
    const free = Math.max(0, limit - used);
    const room = free + Math.max(0, burst - burstUsed);
    const allowed = cost <= room;
    const hits = allowed ? [...kept, { atMs: nowMs, cost }] : kept;
    counts.set(windowMs, {
      hits,
      burstUsed: burstUsed + (allowed ? Math.max(0, cost - free) : 0),
    });
    this.#keep(key, counts);
    return {
      allowed,
      remaining: allowed ? room - cost : room,
      resetMs: hits.length === 0 ? 0 : Math.max(0, hits.at(-1)!.atMs + windowMs - nowMs),
      retryAfterMs: allowed ? 0 : waitMs(inWindow, used - limit + cost, windowMs, nowMs),
    };
  }

  async reset(key: string): Promise<void> {
    this.#counts.delete(key);
  }

  #keep(key: string, counts: Map<number, Counts>): void {
    // last in the map is asked for last
    this.#counts.delete(key);
    this.#counts.set(key, counts);
    if (this.#counts.size > mostKeys) this.#counts.delete(this.#counts.keys().next().value!);
  }
}

/** Until so much has left the window; a whole one when there never is as much. */
function waitMs(hits: Counts["hits"], toLeave: number, windowMs: number, nowMs: number): number {
  let left = toLeave;
  for (const { atMs, cost } of hits) {
    left -= cost;
    if (left <= 0) return atMs + windowMs - nowMs;
  }
  return windowMs;
}

function check(key: string, rule: RateLimitRule, cost: number): void {
  if (typeof key !== "string" || key === "") {
    throw new TypeError("rate limit: key must be a non-empty string");
  }
  for (const [name, value, least] of [
    ["limit", rule.limit, 0],
    ["windowMs", rule.windowMs, 1],
    ["burst", rule.burst ?? 0, 0],
    ["cost", cost, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `rate limit: ${name} must be a whole number from ${least}, got ${String(value)}`,
      );
    }
  }
}
