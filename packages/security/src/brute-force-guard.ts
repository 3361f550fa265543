import { createHash } from "node:crypto";

import {
  optional,
  section,
  toMilliseconds,
  tokens,
  type Duration,
  type Inject,
  type RateLimitRule,
  type RateLimitStore,
} from "@infra/interfaces";

import { checkedCost } from "./checked-cost.js";
import { bruteForceConfig } from "./config.js";
import { TooManyAttemptsError } from "./errors.js";
import { LocalRateLimitStore } from "./local-rate-limit-store.js";
import { networkOf } from "./network-of.js";

/** Options of {@link BruteForceGuard}. */
export interface BruteForceOptions {
  /** How many attempts an account has in a window, from wherever; a success gives them back. @default 10 */
  readonly accountLimit?: number | undefined;
  /** @default "15m" */
  readonly accountWindow?: Duration | undefined;
  /** How many attempts an address has in a window, for whatever accounts, successes too. @default 100 */
  readonly addressLimit?: number | undefined;
  /** @default "15m" */
  readonly addressWindow?: Duration | undefined;
}

/** Collaborators of {@link BruteForceGuard}. */
export interface BruteForceDependencies {
  /** Counts. @default in this process: several processes need one that they share */
  readonly store?: RateLimitStore | undefined;
}

/** Who tries. */
export interface Attempt {
  /** What the account is called by whoever logs in: upper and lower case are the same. */
  readonly account?: string | undefined;
  /** The address that the request came from; of IPv6 the first 64 bits count. */
  readonly address?: string | undefined;
}

/**
 * Bounds how often a password, a code or a token may be tried. Ask it before any work is done, for each attempt: asking
 * and counting are one step, so that of a hundred attempts at once no more than the limit go on.
 */
export class BruteForceGuard {
  static readonly inject: Inject<typeof BruteForceGuard> = {
    options: section(bruteForceConfig),
    store: optional(tokens.rateLimitStore),
  };

  readonly #account: RateLimitRule;
  readonly #address: RateLimitRule;
  readonly #store: RateLimitStore;

  /** @throws RangeError when a limit is not a whole number from 1, or a window no duration. */
  constructor(options: BruteForceOptions = {}, deps: BruteForceDependencies = {}) {
    this.#account = rule("account", options.accountLimit ?? 10, options.accountWindow ?? "15m");
    this.#address = rule("address", options.addressLimit ?? 100, options.addressWindow ?? "15m");
    this.#store = deps.store ?? new LocalRateLimitStore();
  }

  /**
   * Counts an attempt.
   *
   * @throws TooManyAttemptsError `ERR_SECURITY_TOO_MANY_ATTEMPTS`; what the store throws, for without it nothing is
   * bounded. TypeError when there is neither account nor address.
   */
  async attempt(
    attempt: Attempt,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    if (!attempt.account && !attempt.address) {
      throw new TypeError("BruteForceGuard: an attempt needs an account, an address, or both");
    }
    // the address first: one that is refused must not use up the attempts of an account
    for (const by of ["address", "account"] as const) {
      const key = keyOf(by, attempt);
      if (key === undefined) continue;
      const limit = by === "account" ? this.#account : this.#address;
      const { allowed, retryAfterMs } = await this.#store.consume(key, limit, options);
      if (!allowed) {
        throw new TooManyAttemptsError(`too many attempts for this ${by}, try again later`, {
          details: { by, retryAfterMs },
          publicMessage: "Too many attempts, try again later.",
        });
      }
    }
  }

  /** Gives an account its attempts back, for one succeeded. The address keeps its count: it may have an account of its own. */
  async succeeded(
    attempt: Attempt,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const key = keyOf("account", attempt);
    if (key !== undefined) await this.#store.reset(key, options);
  }
}

function rule(name: string, limit: number, window: Duration): RateLimitRule {
  return {
    limit: checkedCost(`BruteForceGuard: ${name}Limit`, limit, 1, 1_000_000),
    windowMs: toMilliseconds(window, `BruteForceGuard: ${name}Window`),
  };
}

/** Digests: of one length, and the store learns no names. */
function keyOf(by: "account" | "address", { account, address }: Attempt): string | undefined {
  const named = by === "account" ? account?.normalize("NFKC").toLowerCase() : address;
  if (!named) return undefined;
  const whom = by === "account" ? named : networkOf(named);
  return `attempts:${by}:${createHash("sha256").update(whom).digest("base64url")}`;
}
