import { setMaxListeners } from "node:events";

import type { Clock } from "@infra/interfaces";

import { GaveUp, waitUntil } from "./gave-up.js";
import type { Step } from "./step.js";

/**
 * The time that a shutdown has, or a part of it. For four fifths of it every step takes what it needs; then the signal
 * tells all to let go, and what is left is shared out, so that a step which hangs leaves time for those after it.
 */
export class ShutdownBudget {
  /** Aborted when it is time to let go. */
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #endMs: number;
  readonly #name: string;
  readonly #outer: ShutdownBudget | undefined;
  readonly #cancelTimer: () => void;
  /** How many steps share it. */
  #left = 0;

  /**
   * @param name - what messages call it: "10000 ms of the shutdown".
   * @param outer - what this is a part of: it lasts no longer than that.
   */
  constructor(clock: Clock, limitMs: number, name: string, outer?: ShutdownBudget) {
    this.#clock = clock;
    this.#endMs = clock.monotonic() + limitMs;
    this.#name = `${limitMs} ms of the ${name}`;
    this.#outer = outer;
    const urgent = new AbortController();
    const reason = new Error(`the ${this.#name} are nearly over`);
    this.#cancelTimer =
      limitMs === Infinity ? () => {} : clock.setTimeout(() => urgent.abort(reason), limitMs * 0.8);
    this.signal = outer ? AbortSignal.any([urgent.signal, outer.signal]) : urgent.signal;
    // every service listens to it: more than ten are no leak
    setMaxListeners(0, this.signal);
  }

  /** What is left, in milliseconds. */
  get remainingMs(): number {
    const ownMs = Math.max(0, this.#endMs - this.#clock.monotonic());
    return Math.min(ownMs, this.#outer?.remainingMs ?? Infinity);
  }

  /** More steps share the time. */
  add(steps: number): void {
    this.#left += steps;
    this.#outer?.add(steps);
  }

  /** A part of this time, from now on. */
  part(limitMs: number, name: string): ShutdownBudget {
    return new ShutdownBudget(this.#clock, limitMs, name, this);
  }

  /** Runs a step within its share, or within a time of its own if it has one. @throws GaveUp */
  async attempt(step: Step): Promise<void> {
    const own = step.limitMs === undefined ? undefined : this.part(step.limitMs, step.kind);
    const budget = own ?? this;
    try {
      await waitUntil((async () => void (await step.run(budget.signal)))(), (reject) =>
        budget.#whenShareIsOver(reject),
      );
    } finally {
      own?.end();
      this.add(-1);
    }
  }

  /** Takes the timer back. */
  end(): void {
    this.#cancelTimer();
  }

  #whenShareIsOver(reject: (reason: Error) => void): () => void {
    let cancel: (() => void) | undefined;
    const begin = (): void => {
      const { name, ms } = this.#share();
      cancel = this.#clock.setTimeout(
        () => reject(new GaveUp(`not over within the ${name}`)),
        Math.max(1, ms),
      );
    };
    if (this.signal.aborted) begin();
    else this.signal.addEventListener("abort", begin, { once: true });
    return () => {
      cancel?.();
      this.signal.removeEventListener("abort", begin);
    };
  }

  /** What one step has of what is left, and of what: of a part and the whole, the tighter counts. */
  #share(): { readonly name: string; readonly ms: number } {
    const own = {
      name: this.#name,
      ms: Math.max(0, this.#endMs - this.#clock.monotonic()) / Math.max(1, this.#left),
    };
    const outer = this.#outer ? this.#outer.#share() : own;
    return outer.ms < own.ms ? outer : own;
  }
}
