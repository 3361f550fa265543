/** How many are allowed. */
export interface RateLimitRule {
  /** How many in one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** How many more at once, after a quiet time. @default 0 */
  readonly burst?: number | undefined;
}

/** The answer to one attempt. */
export interface RateLimitResult {
  readonly allowed: boolean;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** When all of the limit is there again, from now. */
  readonly resetMs: number;
  /** When the same attempt would be allowed, from now; 0 if it was. */
  readonly retryAfterMs: number;
}

/** Counts attempts by key. Looking and counting are one step, also between processes; a refused attempt counts nothing. */
export interface RateLimitStore {
  /** Counts an attempt that weighs `cost` (1, or what is given) against the rule. */
  consume(
    key: string,
    rule: RateLimitRule,
    options?: { readonly cost?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<RateLimitResult>;
  /** Forgets a key; idempotent. */
  reset(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
