import {
  systemClock,
  type Clock,
  type RateLimitResult,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

import { checkAttempt, count, results, type WindowState } from "../sliding-window.js";

/** Options of {@link MemoryRateLimitStore}. */
export interface MemoryRateLimitStoreOptions {
  /** How many keys it knows at the most; beyond, the one that was asked for longest ago is forgotten. @default 100,000 */
  readonly maxKeys?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** Counts in this process alone. Has no timer: what is over goes when its key is asked for, or room is needed. */
export class MemoryRateLimitStore implements RateLimitStore {
  // by key, then by the length of the window
  readonly #states = new Map<string, Map<number, WindowState>>();
  readonly #maxKeys: number;
  readonly #clock: Clock;

  constructor(options: MemoryRateLimitStoreOptions = {}) {
    const { maxKeys = 100_000, clock = systemClock } = options;
    if (!Number.isSafeInteger(maxKeys) || maxKeys < 1) {
      throw new RangeError(`maxKeys must be a whole number from 1, got ${String(maxKeys)}`);
    }
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  async consume(
    key: string,
    rule: RateLimitRule,
    { cost = 1, signal }: { readonly cost?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RateLimitResult> {
    checkAttempt(key, rule, cost);
    signal?.throwIfAborted();
    const attempts = { rule, cost, count: 1 };
    const nowMs = this.#clock.now();
    const windows = this.#states.get(key) ?? new Map<number, WindowState>();
    const { granted, state } = count(windows.get(rule.windowMs), attempts, nowMs);
    windows.set(rule.windowMs, state);
    // last in the map is asked for last
    this.#states.delete(key);
    this.#states.set(key, windows);
    if (this.#states.size > this.#maxKeys) {
      this.#states.delete(this.#states.keys().next().value!);
    }
    return results(granted, state, attempts, nowMs)[0]!;
  }

  async reset(key: string): Promise<void> {
    this.#states.delete(key);
  }

  /** How many keys it knows. */
  get size(): number {
    return this.#states.size;
  }
}
