import { systemClock, type Clock } from "@infra/interfaces";

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  nowMs = Date.UTC(2026, 0, 1);

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  setTimeout(...args: Parameters<Clock["setTimeout"]>): () => void {
    return systemClock.setTimeout(...args);
  }
}
