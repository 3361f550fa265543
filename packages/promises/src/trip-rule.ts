import { toMilliseconds, type Duration } from "@infra/interfaces";

import { wholeNumber } from "./whole-number.js";

/** When a circuit breaker opens. */
export type TripOptions =
  /** After so many failures in a row. */
  | { readonly kind: "consecutive"; /** @default 5 */ readonly failures?: number }
  /** When so large a part of the last calls failed. */
  | {
      readonly kind: "count";
      /** How many calls are looked at. @default 100 */
      readonly size?: number;
      /** The part of them that may not be reached, up to 1. @default 0.5 */
      readonly ratio?: number;
      /** Never before so many calls. @default 10 */
      readonly minimum?: number;
    }
  /** When so large a part of the calls of the last while failed. */
  | {
      readonly kind: "sampling";
      /** @default "30s" */
      readonly window?: Duration;
      /** The part of them that may not be reached, up to 1. @default 0.5 */
      readonly ratio?: number;
      /** Never before so many calls. @default 10 */
      readonly minimum?: number;
    };

/** Counts outcomes, and says when it is enough. */
export interface TripRule {
  /** Whether the breaker should open now. */
  record(ok: boolean, nowMs: number): boolean;
  reset(): void;
}

/** @throws RangeError when an option is out of range. */
export function tripRule(options: TripOptions): TripRule {
  switch (options.kind) {
    case "consecutive":
      return new ConsecutiveRule(
        wholeNumber(options.failures ?? 5, "CircuitBreaker: trip.failures"),
      );
    case "count":
      return new CountRule(
        wholeNumber(options.size ?? 100, "CircuitBreaker: trip.size"),
        ratioOf(options),
        minimumOf(options),
      );
    case "sampling":
      return new SamplingRule(
        toMilliseconds(options.window ?? "30s", "CircuitBreaker: trip.window"),
        ratioOf(options),
        minimumOf(options),
      );
    default:
      throw new RangeError(
        `CircuitBreaker: trip.kind must be "consecutive", "count" or "sampling", got ${JSON.stringify((options as { kind: unknown }).kind)}`,
      );
  }
}

function ratioOf({ ratio = 0.5 }: { readonly ratio?: number }): number {
  if (ratio > 0 && ratio <= 1) return ratio;
  throw new RangeError(`CircuitBreaker: trip.ratio must be > 0 and <= 1, got ${String(ratio)}`);
}

function minimumOf({ minimum = 10 }: { readonly minimum?: number }): number {
  return wholeNumber(minimum, "CircuitBreaker: trip.minimum");
}

class ConsecutiveRule implements TripRule {
  #failures = 0;

  constructor(readonly most: number) {}

  record(ok: boolean): boolean {
    this.#failures = ok ? 0 : this.#failures + 1;
    return this.#failures >= this.most;
  }

  reset(): void {
    this.#failures = 0;
  }
}

class CountRule implements TripRule {
  /** A ring of the last outcomes. */
  readonly #outcomes: boolean[] = [];
  #at = 0;
  #failures = 0;

  constructor(
    readonly size: number,
    readonly ratio: number,
    readonly minimum: number,
  ) {}

  record(ok: boolean): boolean {
    if (this.#outcomes[this.#at] === false) this.#failures--;
    this.#outcomes[this.#at] = ok;
    if (!ok) this.#failures++;
    this.#at = (this.#at + 1) % this.size;
    const calls = this.#outcomes.length;
    return (
      calls >= Math.min(this.minimum, this.size) && this.#failures / calls >= this.ratio && !ok
    );
  }

  reset(): void {
    this.#outcomes.length = 0;
    this.#at = 0;
    this.#failures = 0;
  }
}

interface Bucket {
  readonly startMs: number;
  calls: number;
  failures: number;
}

/** The window moves on by a tenth of its length at a time. */
const bucketsPerWindow = 10;

class SamplingRule implements TripRule {
  readonly #bucketMs: number;
  #buckets: Bucket[] = [];

  constructor(
    readonly windowMs: number,
    readonly ratio: number,
    readonly minimum: number,
  ) {
    this.#bucketMs = windowMs / bucketsPerWindow;
  }

  record(ok: boolean, nowMs: number): boolean {
    let bucket = this.#buckets.at(-1);
    if (!bucket || nowMs >= bucket.startMs + this.#bucketMs) {
      this.#buckets = this.#buckets.filter(({ startMs }) => startMs > nowMs - this.windowMs);
      bucket = { startMs: nowMs, calls: 0, failures: 0 };
      this.#buckets.push(bucket);
    }
    bucket.calls++;
    if (ok) return false;
    bucket.failures++;
    let calls = 0;
    let failures = 0;
    for (const each of this.#buckets) {
      calls += each.calls;
      failures += each.failures;
    }
    return calls >= this.minimum && failures / calls >= this.ratio;
  }

  reset(): void {
    this.#buckets = [];
  }
}
