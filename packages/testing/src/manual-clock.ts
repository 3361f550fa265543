import type { Clock } from "@infra/interfaces";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/**
 * The clock of a test: it stands still until it is told to go on. It begins at a time of its own, and its monotonic reading
 * at another.
 */
export class ManualClock implements Clock {
  #startMs: number;
  #elapsedMs = 0;
  #timers: Timer[] = [];

  /** @param startMs what `now()` says at first, in milliseconds since the epoch. @default the beginning of 2030 */
  constructor(startMs = Date.UTC(2030, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    // at its place: those that are due at the same time are called in the order in which they were set
    const later = this.#timers.findIndex(({ dueMs }) => dueMs > timer.dueMs);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Puts the wall clock right, or wrong, as an operator does: `now()` jumps, and neither `monotonic()` nor a timer notices. */
  set(nowMs: number): void {
    if (!Number.isFinite(nowMs)) {
      throw new RangeError(`nowMs must be a number of milliseconds since the epoch, got ${nowMs}`);
    }
    this.#startMs = nowMs - this.#elapsedMs;
  }

  /** Timers that neither fired nor were cleared. */
  get pending(): number {
    return this.#timers.length;
  }

  /**
   * Moves on by so many milliseconds, calling what falls due in its order, and lets promises settle in between.
   *
   * @throws RangeError when it is no time; what a callback throws.
   */
  async advance(byMs: number): Promise<void> {
    if (!(byMs >= 0 && byMs < Infinity)) {
      throw new RangeError(`byMs must be a number of milliseconds from 0, got ${byMs}`);
    }
    const endMs = this.#elapsedMs + byMs;
    for (;;) {
      await settle();
      const [due] = this.#timers;
      if (!due || due.dueMs > endMs) break;
      this.#timers.shift();
      this.#elapsedMs = due.dueMs;
      due.callback();
    }
    this.#elapsedMs = endMs;
    await settle();
  }
}

/** Lets every promise settle that waits for nothing but other promises: to be awaited before a test looks. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
