import { AsyncResource } from "node:async_hooks";

import type { Clock } from "@infra/interfaces";
import { sleep } from "@infra/promises";

import type { RateLimiter } from "./rate-limiter.js";

/** What a {@link Dispatcher} hands out, and to whom. */
export interface Work<Operation> {
  /** Whether something could begin now. */
  hasNext(): boolean;
  /** Takes the next operation, if there is one. */
  take(): Operation | undefined;
  /** Carries it out, then asks the dispatcher's `next()` for another until there is none. Never rejects. */
  work(first: Operation): Promise<void>;
}

/** Lets operations begin: so many at once, so many in a while, none while it is paused. */
export class Dispatcher<Operation> {
  readonly #concurrency: number;
  readonly #limiter: RateLimiter | undefined;
  readonly #clock: Clock;
  readonly #work: Work<Operation>;
  // operations belong to nobody's context but that of the queue, until an item's own is entered
  readonly #resource = new AsyncResource("Queue");
  readonly #ended = new AbortController();
  readonly #begin = (operation: Operation): Promise<void> => this.#work.work(operation);
  #workers = 0;
  #isPaused = false;
  #stopTimer: (() => void) | undefined;

  constructor(
    options: {
      readonly concurrency: number;
      readonly limiter: RateLimiter | undefined;
      readonly clock: Clock;
    },
    work: Work<Operation>,
  ) {
    this.#concurrency = options.concurrency;
    this.#limiter = options.limiter;
    this.#clock = options.clock;
    this.#work = work;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.pump();
  }

  /** Begins nothing ever more. */
  end(): void {
    this.#isPaused = true;
    this.#stopTimer?.();
    this.#ended.abort();
  }

  /** Begins what may begin. */
  pump(): void {
    while (this.#workers < this.#concurrency) {
      // its place first: what is taken makes room, and who waited for that may come by here
      this.#workers += 1;
      const operation = this.next();
      if (operation === undefined) return;
      void this.#resource.runInAsyncScope(this.#begin, undefined, operation);
    }
  }

  /** The next operation for a worker that has done its last one; when there is none, its place is free. */
  next(): Operation | undefined {
    const operation = this.#take();
    if (operation === undefined) this.#workers -= 1;
    return operation;
  }

  /** Waits until an operation that has begun may call its handler once more; false when the queue has ended. */
  async another(): Promise<boolean> {
    for (let waitMs = 1; waitMs > 0;) {
      if (this.#ended.signal.aborted) return false;
      waitMs = this.#limiter?.take(this.#clock.monotonic()) ?? 0;
      if (waitMs > 0) await this.#sleep(waitMs);
    }
    return true;
  }

  #take(): Operation | undefined {
    if (this.#isPaused) return undefined;
    if (this.#limiter !== undefined) {
      if (!this.#work.hasNext()) return undefined;
      const waitMs = this.#limiter.take(this.#clock.monotonic());
      if (waitMs > 0) {
        this.#wakeAfter(waitMs);
        return undefined;
      }
    }
    return this.#work.take();
  }

  #wakeAfter(waitMs: number): void {
    if (this.#stopTimer) return;
    const wake = (): void => {
      this.#stopTimer = undefined;
      this.pump();
    };
    // a timer may come a part of a millisecond too early
    this.#stopTimer = this.#clock.setTimeout(wake, Math.ceil(waitMs));
  }

  async #sleep(waitMs: number): Promise<void> {
    try {
      await sleep(Math.ceil(waitMs), { signal: this.#ended.signal, clock: this.#clock });
    } catch {
      // it has ended, which is looked at next
    }
  }
}
