import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { TimedOutError } from "./errors.js";
import { linkSignals, type LinkedSignal } from "./link-signals.js";
import { withTimeout } from "./with-timeout.js";
import type { WaitOptions, Work } from "./work.js";

/** Options of {@link Deadline}. */
export interface DeadlineOptions {
  /** Ends it earlier: one signal or several, of which the first counts. */
  readonly signal?: AbortSignal | readonly AbortSignal[] | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/**
 * A point in time by which something has to be done, handed down through calls: how much time is left, and a signal that
 * aborts when none is. It costs a timer only once somebody asks for the signal; the timer does not keep the process
 * alive. Dispose of it when the work is done: `using deadline = new Deadline("30s", { signal })`.
 */
export class Deadline implements Disposable {
  readonly #timeoutMs: number;
  readonly #endsAt: number;
  readonly #clock: Clock;
  readonly #signals: readonly AbortSignal[];
  #link: LinkedSignal | undefined;
  #stopTimer: (() => void) | undefined;
  #disposed = false;

  /** @throws RangeError when `timeout` is not a duration. `Infinity` leaves only the signals. */
  constructor(timeout: Duration, options: DeadlineOptions = {}) {
    const { signal, clock = systemClock } = options;
    this.#timeoutMs = toMilliseconds(timeout, "Deadline: timeout");
    this.#clock = clock;
    this.#endsAt = clock.monotonic() + this.#timeoutMs;
    this.#signals = signal === undefined ? [] : "aborted" in signal ? [signal] : signal;
  }

  /** The time that is left, in milliseconds; 0 when it is over or a signal has aborted. */
  get remainingMs(): number {
    if (this.#signals.some((signal) => signal.aborted)) return 0;
    return Math.max(0, this.#endsAt - this.#clock.monotonic());
  }

  /** Whether the time is over or a signal has aborted. */
  get expired(): boolean {
    return this.remainingMs === 0;
  }

  /** Aborts when the time is over, with a `TimedOutError`, or when one of the given signals does, with its reason. */
  get signal(): AbortSignal {
    return this.#arm().signal;
  }

  /** @throws TimedOutError `ERR_PROMISES_TIMEOUT`, or the reason of the signal that aborted. */
  throwIfExpired(): void {
    for (const signal of this.#signals) signal.throwIfAborted();
    if (this.expired) throw this.#timedOut();
  }

  /** A deadline inside this one: it ends after `timeout`, or with this one where that is sooner. */
  within(timeout: Duration): Deadline {
    return new Deadline(Math.min(toMilliseconds(timeout, "Deadline: timeout"), this.remainingMs), {
      signal: this.#arm().signal,
      clock: this.#clock,
    });
  }

  /**
   * Runs work that has to be done by then.
   *
   * @throws TimedOutError `ERR_PROMISES_TIMEOUT`, or the reason of the signal that aborted.
   */
  async run<T>(work: Work<T>, options: WaitOptions = {}): Promise<T> {
    this.throwIfExpired();
    using link = linkSignals(...this.#signals, options.signal);
    return await withTimeout(work, {
      timeout: this.remainingMs,
      signal: link.signal,
      clock: this.#clock,
    });
  }

  /** Clears the timer and lets go of the signals; {@link signal} will not abort any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stopTimer?.();
    this.#link?.[Symbol.dispose]();
  }

  #arm(): LinkedSignal {
    if (this.#link) return this.#link;
    const link = linkSignals(...(this.#disposed ? [] : this.#signals));
    this.#link = link;
    if (this.#disposed) return link;
    const { remainingMs } = this;
    if (remainingMs === 0) {
      link.abort(this.#timedOut());
      return link;
    }
    const stopTimer = this.#clock.setTimeout(() => link.abort(this.#timedOut()), remainingMs, {
      unref: true,
    });
    link.signal.addEventListener("abort", stopTimer, { once: true });
    this.#stopTimer = stopTimer;
    return link;
  }

  #timedOut(): TimedOutError {
    return new TimedOutError(`the deadline of ${this.#timeoutMs} ms has passed`, {
      details: { timeoutMs: this.#timeoutMs },
    });
  }
}
