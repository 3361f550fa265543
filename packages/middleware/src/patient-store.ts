import { TimeoutError } from "@infra/errors";
import type {
  Clock,
  Logger,
  RateLimitResult,
  RateLimitRule,
  RateLimitStore,
} from "@infra/interfaces";

/** What {@link PatientStore} works with. */
interface PatientStoreParts {
  readonly store: RateLimitStore;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A store whose failures are quick: an answer that takes too long is one, and after one it is left alone for a while, so
 * that an outage costs one request its time-out, not every request.
 */
export class PatientStore {
  readonly #parts: PatientStoreParts;
  #downUntil = -Infinity;
  #down = false;

  constructor(parts: PatientStoreParts) {
    this.#parts = parts;
  }

  /** `undefined` when the store does not answer. */
  async consume(
    key: string,
    rule: RateLimitRule,
    cost: number,
  ): Promise<RateLimitResult | undefined> {
    const { store, clock, logger, retryMs } = this.#parts;
    if (clock.monotonic() < this.#downUntil) return undefined;
    try {
      const result = await this.#inTime(store, key, rule, cost);
      if (this.#down) logger.info("rate limit: the store answers again");
      this.#down = false;
      return result;
    } catch (error) {
      // a rule that is none is not the store's failure
      if (error instanceof RangeError || error instanceof TypeError) throw error;
      this.#downUntil = clock.monotonic() + retryMs;
      if (!this.#down) logger.warn("rate limit: the store does not answer", { error });
      this.#down = true;
      return undefined;
    }
  }

  #inTime(
    store: RateLimitStore,
    key: string,
    rule: RateLimitRule,
    cost: number,
  ): Promise<RateLimitResult> {
    const { clock, timeoutMs } = this.#parts;
    return new Promise((resolve, reject) => {
      const abort = new AbortController();
      const cancel = clock.setTimeout(() => {
        const error = new TimeoutError(`the store did not answer within ${timeoutMs} ms`);
        abort.abort(error);
        reject(error);
      }, timeoutMs);
      store
        .consume(key, rule, { cost, signal: abort.signal })
        .then(resolve, reject)
        .finally(cancel);
    });
  }
}
