import type { Clock } from "@infra/interfaces";
import { TimedOutError } from "@infra/promises";

interface Waiting {
  readonly dueMs: number;
  /** `undefined` once it is settled. */
  reject: ((reason: unknown) => void) | undefined;
}

/** So many settled calls may stand before the first that is not. */
const mostSettled = 256;

/**
 * A time-out that is the same for all calls, so that one timer serves them in their order: a call costs a tenth of what
 * one with a timer and a signal of its own does. What has been given up goes on, and its outcome is nobody's concern.
 */
export class FixedTimeout {
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #first = 0;
  #ticking = false;

  constructor(timeoutMs: number, clock: Clock) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** @throws TimedOutError (`ERR_PROMISES_TIMEOUT`); the signal's reason when it aborts. */
  limit<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { dueMs: this.#clock.monotonic() + this.#timeoutMs, reject };
      this.#waiting.push(waiting);
      if (!this.#ticking) this.#tick(this.#timeoutMs);
      const onAbort = signal && ((): void => reject(signal.reason));
      if (onAbort) signal.addEventListener("abort", onAbort);
      const settle = (): void => {
        waiting.reject = undefined;
        if (onAbort) signal.removeEventListener("abort", onAbort);
        this.#forgetSettled();
      };
      promise.then(
        (value) => (settle(), resolve(value)),
        (error: unknown) => (settle(), reject(error)),
      );
    });
  }

  /** Calls settle in about the order in which they came: however long the time-out, few are held. */
  #forgetSettled(): void {
    const waiting = this.#waiting;
    while (this.#first < waiting.length && !waiting[this.#first]!.reject) this.#first++;
    if (this.#first < mostSettled) return;
    this.#waiting = waiting.slice(this.#first);
    this.#first = 0;
  }

  #tick(delayMs: number): void {
    this.#ticking = true;
    this.#clock.setTimeout(
      // an answer that waits to be read while the process was busy is there in time
      () => setImmediate(() => this.#expire()),
      delayMs,
      { unref: true },
    );
  }

  #expire(): void {
    const nowMs = this.#clock.monotonic();
    while (this.#first < this.#waiting.length) {
      const { dueMs, reject } = this.#waiting[this.#first]!;
      if (reject && dueMs > nowMs) break;
      this.#first++;
      reject?.(
        new TimedOutError(`no answer within ${this.#timeoutMs} ms`, {
          details: { timeoutMs: this.#timeoutMs },
        }),
      );
    }
    const next = this.#waiting[this.#first];
    this.#waiting = next ? this.#waiting.slice(this.#first) : [];
    this.#first = 0;
    this.#ticking = false;
    if (next) this.#tick(Math.max(1, next.dueMs - nowMs));
  }
}
