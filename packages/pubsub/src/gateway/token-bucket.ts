import type { Clock } from "@infra/interfaces";

/** How many of something are let through: so many at once, and so many per second after that. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;

  constructor(
    { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
    clock: Clock,
  ) {
    this.#burst = burst;
    this.#perMs = perSecond / 1_000;
    this.#clock = clock;
    this.#tokens = burst;
    this.#at = clock.monotonic();
  }

  /** Takes one, also where there is none; how many are left, below 0 when it is too many. */
  take(): number {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs) - 1;
    this.#at = now;
    return this.#tokens;
  }
}
