/** Options of {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Retries allowed per first attempt. @default 0.1 */
  readonly ratio?: number;
  /** Retries allowed beyond that: what is there at the start, and the most that can be saved up. @default 10 */
  readonly reserve?: number;
}

/**
 * Bounds the retries of many callers together, so that retrying does not multiply the load on a dependency that is down:
 * each first attempt pays a fraction of a retry in, each retry takes a whole one out. Share one per dependency.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  #saved: number;

  /** @throws RangeError when an option is negative or not a number. */
  constructor(options: RetryBudgetOptions = {}) {
    const { ratio = 0.1, reserve = 10 } = options;
    for (const [name, value] of Object.entries({ ratio, reserve })) {
      if (!(value >= 0)) {
        throw new RangeError(`RetryBudget: ${name} must be >= 0, got ${String(value)}`);
      }
    }
    this.#ratio = ratio;
    this.#reserve = reserve;
    this.#saved = reserve;
  }

  /** How many retries it would allow now. */
  get available(): number {
    return Math.floor(this.#saved);
  }

  /** A first attempt was made. */
  deposit(): void {
    this.#saved = Math.min(this.#reserve, this.#saved + this.#ratio);
  }

  /** Takes a retry out; `false` when there is none. */
  withdraw(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
