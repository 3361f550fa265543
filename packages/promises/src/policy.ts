import type { Duration } from "@infra/interfaces";

import { hedge, type HedgeOptions } from "./hedge.js";
import { retry, type RetryOptions } from "./retry.js";
import { withTimeout, type TimeoutOptions } from "./with-timeout.js";
import { contextOf, signalOf, type WaitOptions, type Work } from "./work.js";

/** A way to run work. `CircuitBreaker`, `Semaphore` and `Mutex` are policies as they are. */
export interface Policy {
  run<T>(work: Work<T>, options?: WaitOptions): Promise<T>;
}

/**
 * One policy of several, the outermost first: `combine(retryPolicy(), breaker, timeoutPolicy("2s"))` tries again around
 * the breaker, and gives each attempt two seconds.
 */
export function combine(...policies: readonly Policy[]): Policy {
  if (policies.length === 0) return bare;
  return policies.reduceRight((inner, outer) => new Nested(outer, inner));
}

/** {@link retry} as a policy. */
export function retryPolicy(options: Omit<RetryOptions, "signal"> = {}): Policy {
  return { run: (work, wait) => retry(work, { ...options, signal: signalOf(wait) }) };
}

/** {@link withTimeout} as a policy. */
export function timeoutPolicy(
  timeout: Duration,
  options: Omit<TimeoutOptions, "signal" | "timeout"> = {},
): Policy {
  return {
    run: (work, wait) => withTimeout(work, { ...options, timeout, signal: signalOf(wait) }),
  };
}

/** {@link hedge} as a policy. */
export function hedgePolicy(options: Omit<HedgeOptions, "signal">): Policy {
  return { run: (work, wait) => hedge(work, { ...options, signal: signalOf(wait) }) };
}

const bare: Policy = {
  run: async (work, options) => {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    return await work(contextOf(signal));
  },
};

class Nested implements Policy {
  constructor(
    readonly outer: Policy,
    readonly inner: Policy,
  ) {}

  run<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    return this.outer.run((context) => this.inner.run(work, context), options);
  }
}
