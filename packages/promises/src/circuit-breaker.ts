import { InfraError } from "@infra/errors";
import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { backoffMs, type BackoffOptions } from "./backoff.js";
import { CircuitOpenError } from "./errors.js";
import { isRetryable } from "./is-retryable.js";
import { tripRule, type TripOptions, type TripRule } from "./trip-rule.js";
import { wholeNumber } from "./whole-number.js";
import { contextOf, signalOf, type WaitOptions, type Work } from "./work.js";

/** `closed` lets calls through, `open` refuses them, `half-open` lets a few through to see. */
export type CircuitState = "closed" | "open" | "half-open";

/** What those who subscribed are told. */
export interface CircuitEvent {
  readonly name: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** The failure that opened it, where there was one. */
  readonly error?: unknown;
}

/** What a breaker knows, as plain data: for another process, or for the next start. */
export interface CircuitSnapshot {
  readonly state: "closed" | "open";
  /** When it will let a call through to see, in milliseconds since the epoch. */
  readonly retryAt?: number;
  /** How often it has opened since it was last closed. */
  readonly openings: number;
}

/** Plain numbers about a breaker. */
export interface CircuitStats {
  readonly state: CircuitState;
  readonly successes: number;
  readonly failures: number;
  /** Calls that were refused. */
  readonly rejected: number;
}

/** Options of {@link CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** What it protects, in errors and events. @default "circuit" */
  readonly name?: string;
  /** When it opens. @default { kind: "consecutive", failures: 5 } */
  readonly trip?: TripOptions;
  /** How long it stays open; with a back-off, longer each time that it opens again. @default "10s" */
  readonly halfOpenAfter?: Duration | BackoffOptions;
  /** How many calls it lets through to see, all of which must succeed for it to close. @default 1 */
  readonly probes?: number;
  /**
   * Whether an error speaks against the dependency.
   * @default what another try may mend, and what has a status of 500 and more
   */
  readonly failureIf?: (error: unknown) => boolean;
  /** Goes on from where another left off. */
  readonly snapshot?: CircuitSnapshot | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * Stops calling what does not answer, and lets it come back. It needs no timer: an open breaker turns half-open with the
 * first call after its time. A call that its own caller aborts says nothing about the dependency, nor does one that began
 * before the breaker last changed its state. A probe that hangs is given up after as long as the breaker was open.
 */
export class CircuitBreaker {
  readonly name: string;
  readonly #rule: TripRule;
  readonly #halfOpenAfter: BackoffOptions;
  readonly #probes: number;
  readonly #failureIf: (error: unknown) => boolean;
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: CircuitEvent) => void>();
  #state: CircuitState = "closed";
  /** Outcomes of calls that began in an earlier one do not count. */
  #generation = 0;
  #openings = 0;
  #openMs = 0;
  /** When the breaker opened, or let the last probe through; monotonic. */
  #since = 0;
  #probing = 0;
  #probed = 0;
  #successes = 0;
  #failures = 0;
  #rejected = 0;

  /** @throws RangeError when an option is out of range. */
  constructor(options: CircuitBreakerOptions = {}) {
    const { name = "circuit", trip = { kind: "consecutive" }, halfOpenAfter = "10s" } = options;
    this.name = name;
    this.#rule = tripRule(trip);
    this.#halfOpenAfter =
      typeof halfOpenAfter === "object" ? halfOpenAfter : constant(halfOpenAfter);
    // refuses what is out of range now, not when the breaker opens
    backoffMs(1, this.#halfOpenAfter);
    this.#probes = wholeNumber(options.probes ?? 1, "CircuitBreaker: probes");
    this.#failureIf = options.failureIf ?? speaksAgainst;
    this.#clock = options.clock ?? systemClock;
    if (options.snapshot) this.#restore(options.snapshot);
  }

  get state(): CircuitState {
    return this.#state;
  }

  /**
   * Runs work if the breaker lets it through. `signal` is handed to the work.
   *
   * @throws CircuitOpenError `ERR_PROMISES_CIRCUIT_OPEN`, which says when to come back; what the work throws.
   */
  async run<T>(work: Work<T>, options?: WaitOptions): Promise<T> {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const generation = this.#admit();
    try {
      const value = await work(contextOf(signal));
      this.#settle(generation, true);
      return value;
    } catch (error) {
      if (signal?.aborted) this.#withdraw(generation);
      else this.#settle(generation, !this.#failureIf(error), error);
      throw error;
    }
  }

  /** Opens it by hand, for as long as it would be open otherwise. */
  open(): void {
    this.#open(undefined);
  }

  /** Closes it by hand, and forgets what it has counted. */
  close(): void {
    this.#close();
  }

  /**
   * Calls back at each change of state; what it returns ends that. A callback that throws changes nothing: its error
   * becomes a warning of the process.
   */
  subscribe(listener: (event: CircuitEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What a new breaker can go on from. */
  snapshot(): CircuitSnapshot {
    if (this.#state === "closed") return { state: "closed", openings: 0 };
    const leftMs = this.#state === "open" ? this.#leftMs() : 0;
    return { state: "open", retryAt: this.#clock.now() + leftMs, openings: this.#openings };
  }

  /** Plain numbers since it was made. */
  stats(): CircuitStats {
    return {
      state: this.#state,
      successes: this.#successes,
      failures: this.#failures,
      rejected: this.#rejected,
    };
  }

  /** The generation that the call belongs to. */
  #admit(): number {
    if (this.#state === "closed") return this.#generation;
    const due = this.#leftMs() <= 0;
    if (due && (this.#state === "open" || this.#probing > 0)) this.#halfOpen();
    if (this.#state === "half-open" && this.#probing + this.#probed < this.#probes) {
      this.#probing++;
      this.#since = this.#clock.monotonic();
      return this.#generation;
    }
    this.#rejected++;
    const retryAfterMs = Math.max(0, this.#leftMs());
    throw new CircuitOpenError(`${this.name} is not called while its circuit is ${this.#state}`, {
      details: { name: this.name, retryAfterMs },
    });
  }

  #leftMs(): number {
    return this.#since + this.#openMs - this.#clock.monotonic();
  }

  #settle(generation: number, ok: boolean, error?: unknown): void {
    if (ok) this.#successes++;
    else this.#failures++;
    if (generation !== this.#generation) return;
    if (this.#state === "half-open") {
      this.#probing--;
      if (!ok) this.#open(error);
      else if (++this.#probed >= this.#probes) this.#close();
    } else if (this.#rule.record(ok, this.#clock.monotonic())) {
      this.#open(error);
    }
  }

  #withdraw(generation: number): void {
    if (generation === this.#generation && this.#state === "half-open") this.#probing--;
  }

  #open(error: unknown): void {
    this.#openings++;
    this.#openMs = backoffMs(this.#openings, this.#halfOpenAfter);
    this.#since = this.#clock.monotonic();
    this.#change("open", error);
  }

  #halfOpen(): void {
    this.#probing = 0;
    this.#probed = 0;
    this.#change("half-open");
  }

  #close(): void {
    this.#openings = 0;
    this.#rule.reset();
    this.#change("closed");
  }

  #restore({ state, retryAt = 0, openings }: CircuitSnapshot): void {
    if (state !== "open") return;
    this.#state = "open";
    this.#openings = openings;
    this.#openMs = Math.max(0, retryAt - this.#clock.now());
    this.#since = this.#clock.monotonic();
  }

  #change(to: CircuitState, error?: unknown): void {
    this.#generation++;
    const from = this.#state;
    this.#state = to;
    if (from === to) return;
    const event = { name: this.name, from, to, ...(error !== undefined && { error }) };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
      }
    }
  }
}

function constant(duration: Duration): BackoffOptions {
  const delayMs = toMilliseconds(duration, "CircuitBreaker: halfOpenAfter");
  return { initial: delayMs, max: delayMs, factor: 1, jitter: "none" };
}

function speaksAgainst(error: unknown): boolean {
  return isRetryable(error) || (InfraError.is(error) && error.status >= 500);
}
