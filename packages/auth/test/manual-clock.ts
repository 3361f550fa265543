import { systemClock, type Clock } from "@infra/interfaces";

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  nowMs = Date.UTC(2026, 0, 1);

  now = (): number => this.nowMs;
  monotonic = (): number => this.nowMs;
  setTimeout = (...args: Parameters<Clock["setTimeout"]>): (() => void) =>
    systemClock.setTimeout(...args);
}
