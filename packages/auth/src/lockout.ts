import {
  toMilliseconds,
  type Clock,
  type Duration,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

import { LockedOutError } from "./errors.js";
import { LocalAttempts } from "./local-attempts.js";
import { digestOf } from "./opaque-token.js";

/** So many attempts in so long, and no more. */
export interface LockoutStep {
  readonly limit: number;
  readonly window: Duration;
}

/** One bound after the other: the more attempts there were, the longer the wait. */
export const defaultLockout: readonly LockoutStep[] = [
  { limit: 5, window: "1m" },
  { limit: 10, window: "15m" },
  { limit: 30, window: "1d" },
];

/** What an attempt is for: each is counted by itself. */
export type AttemptKind = "password" | "code";

/**
 * Bounds how often a password or a code of an account is tried, whether there is such an account or not. Asking and counting
 * are one step, before any work is done: of a hundred attempts at once no more than the limit go on.
 */
export class Lockout {
  readonly #rules: readonly RateLimitRule[];
  readonly #store: RateLimitStore;

  /** @throws RangeError when there is no step, or a limit is not a whole number from 1. */
  constructor(
    steps: readonly LockoutStep[],
    { store, clock }: { readonly store: RateLimitStore | undefined; readonly clock: Clock },
  ) {
    if (steps.length === 0) throw new RangeError("lockout must have at least one step, got none");
    const rules = steps.map(({ limit, window }, at) => {
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new RangeError(`lockout[${at}].limit must be a whole number from 1, got ${limit}`);
      }
      return { limit, windowMs: toMilliseconds(window, `lockout[${at}].window`) };
    });
    this.#rules = rules.toSorted((a, b) => a.windowMs - b.windowMs);
    this.#store = store ?? new LocalAttempts(clock);
  }

  /**
   * Counts an attempt.
   *
   * @throws LockedOutError (`ERR_AUTH_LOCKED_OUT`); what the store throws, for without it nothing is bounded.
   */
  async attempt(kind: AttemptKind, account: string, signal?: AbortSignal): Promise<void> {
    const key = keyOf(kind, account);
    // the shortest wait first: an attempt that it refuses uses up none of the longer ones, or a minute's flood would lock
    // the owner out for a day
    for (const rule of this.#rules) {
      const { allowed, retryAfterMs } = await this.#store.consume(
        `${key}:${rule.windowMs}`,
        rule,
        signal ? { signal } : {},
      );
      if (!allowed) {
        throw new LockedOutError("too many attempts for this account, try again later", {
          details: { retryAfterMs },
        });
      }
    }
  }

  /** Gives an account its attempts back. */
  async succeeded(kind: AttemptKind, account: string, signal?: AbortSignal): Promise<void> {
    const key = keyOf(kind, account);
    for (const { windowMs } of this.#rules) {
      await this.#store.reset(`${key}:${windowMs}`, signal ? { signal } : {});
    }
  }
}

/** A digest: of one length, and the store learns no names. */
function keyOf(kind: AttemptKind, account: string): string {
  return `auth:${kind}:${digestOf(account)}`;
}
