import type { Clock } from "@infra/interfaces";

import { GaveUp, waitUntil } from "./gave-up.js";
import type { Step } from "./step.js";

/**
 * The time that a shutdown has. For four fifths of it every step takes what it needs; then the signal tells all to let
 * go, and what is left is shared out, so that a step which hangs leaves time for those after it.
 */
export class ShutdownBudget {
  readonly #clock: Clock;
  readonly #endMs: number;
  readonly #limitMs: number;
  readonly #urgent = new AbortController();
  readonly #cancelTimer: () => void;
  #left: number;

  constructor(clock: Clock, limitMs: number, steps: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#endMs = clock.monotonic() + limitMs;
    this.#left = steps;
    const reason = new Error(`the ${limitMs} ms of the shutdown are nearly over`);
    this.#cancelTimer =
      limitMs === Infinity
        ? () => {}
        : clock.setTimeout(() => this.#urgent.abort(reason), limitMs * 0.8);
  }

  /** Aborted when it is time to let go. */
  get signal(): AbortSignal {
    return this.#urgent.signal;
  }

  /** What is left, in milliseconds. */
  get remainingMs(): number {
    return Math.max(0, this.#endMs - this.#clock.monotonic());
  }

  /** More steps share the time than were known. */
  add(steps: number): void {
    this.#left += steps;
  }

  /** Runs a step within its share. @throws GaveUp */
  async attempt(step: Step): Promise<void> {
    try {
      await waitUntil((async () => void (await step.run(this.signal)))(), (reject) =>
        this.#whenShareIsOver(reject),
      );
    } finally {
      this.#left -= 1;
    }
  }

  /** Takes the timer back. */
  end(): void {
    this.#cancelTimer();
  }

  #whenShareIsOver(reject: (reason: Error) => void): () => void {
    let cancel: (() => void) | undefined;
    const begin = (): void => {
      const share = this.remainingMs / Math.max(1, this.#left);
      cancel = this.#clock.setTimeout(
        () => reject(new GaveUp(`not over within the ${this.#limitMs} ms of the shutdown`)),
        Math.max(1, share),
      );
    };
    if (this.signal.aborted) begin();
    else this.signal.addEventListener("abort", begin, { once: true });
    return () => {
      cancel?.();
      this.signal.removeEventListener("abort", begin);
    };
  }
}
