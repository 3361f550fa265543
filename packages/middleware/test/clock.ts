import type { Clock } from "@infra/interfaces";

/** A clock that a test moves. */
export class TestClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now = (): number => this.#nowMs;
  monotonic = (): number => this.#nowMs;

  setTimeout = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { at: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.at);
      next.callback();
    }
    this.#nowMs = end;
  }
}
