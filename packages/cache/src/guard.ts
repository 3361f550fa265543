import type { Clock } from "@infra/interfaces";
import { CircuitBreaker, type CircuitEvent } from "@infra/promises";

import { CacheStoreError } from "./errors.js";
import { FixedTimeout } from "./fixed-timeout.js";

/** Options of {@link Guard}. */
export interface GuardOptions {
  /** What it stands before, in errors. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly retryAfterMs: number;
  readonly clock: Clock;
  readonly onChange: (event: CircuitEvent) => void;
  readonly onError: (error: CacheStoreError) => void;
}

/** Stands before what may fail or hang: gives up after a time, and leaves it alone for a while after failures. */
export class Guard {
  readonly #name: string;
  readonly #breaker: CircuitBreaker;
  readonly #timeout: FixedTimeout;
  readonly #onError: (error: CacheStoreError) => void;
  #errors = 0;
  #underWay = 0;

  constructor({ name, timeoutMs, retryAfterMs, clock, onChange, onError }: GuardOptions) {
    this.#name = name;
    this.#onError = onError;
    this.#timeout = new FixedTimeout(timeoutMs, clock);
    this.#breaker = new CircuitBreaker({
      name,
      trip: { kind: "consecutive", failures: 5 },
      halfOpenAfter: retryAfterMs,
      failureIf: () => true,
      clock,
    });
    this.#breaker.subscribe(onChange);
  }

  get state(): "closed" | "open" | "half-open" {
    return this.#breaker.state;
  }

  /** Whether something is being done. */
  get busy(): boolean {
    return this.#underWay > 0;
  }

  /** Failures since it was made. */
  get errors(): number {
    return this.#errors;
  }

  /**
   * Does something, unless it has failed too often lately.
   *
   * @throws CacheStoreError (`ERR_CACHE_STORE`); the signal's reason when it aborts.
   */
  run<T>(
    operation: string,
    work: () => Promise<T>,
    signal?: AbortSignal,
    options?: { /** `false` for work that has a time-out of its own. */ readonly limit: boolean },
  ): Promise<T> {
    this.#underWay++;
    const limited = options?.limit === false ? work : () => this.#timeout.limit(work(), signal);
    return this.#breaker.run(limited, signal && { signal }).then(
      (value) => {
        this.#underWay--;
        return value;
      },
      (cause: unknown) => {
        this.#underWay--;
        throw signal?.aborted ? cause : this.#failed(operation, cause);
      },
    );
  }

  #failed(operation: string, cause: unknown): CacheStoreError {
    this.#errors++;
    const error = new CacheStoreError(`${this.#name}: ${operation} failed: ${messageOf(cause)}`, {
      cause,
      details: { operation },
    });
    this.#onError(error);
    return error;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
