import type { Clock } from "@infra/interfaces";

import { JobTimeoutError } from "./errors.js";

/** One attempt at a job: its signal, made when it is looked at, and its end, whether or not the handler listens. */
export class Attempt {
  /** Why it was aborted. */
  reason: unknown;
  readonly #clock: Clock;
  readonly #abortGraceMs: number;
  #controller: AbortController | undefined;
  #giveUp: ((reason: unknown) => void) | undefined;
  #stopTimer: (() => void) | undefined;

  constructor({ clock, abortGraceMs }: { readonly clock: Clock; readonly abortGraceMs: number }) {
    this.#clock = clock;
    this.#abortGraceMs = abortGraceMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.reason !== undefined) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  /** Aborts it; a handler that goes on for longer than the grace is given up. */
  abort(reason: unknown): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.#stopTimer?.();
    this.#stopTimer = this.#clock.setTimeout(() => this.#giveUp?.(reason), this.#abortGraceMs);
    this.#controller?.abort(reason);
  }

  /** Aborts it after so long. */
  timeout(name: string, timeoutMs: number): void {
    this.#stopTimer = this.#clock.setTimeout(
      () =>
        this.abort(
          new JobTimeoutError(`the job ${name} took longer than ${timeoutMs} ms`, {
            details: { name, timeoutMs },
            retryable: true,
          }),
        ),
      timeoutMs,
    );
  }

  /** What a handler gives, unless it is given up. */
  async run(handler: () => unknown): Promise<unknown> {
    try {
      let result = handler();
      if (isPromiseLike(result)) result = await this.#unlessGivenUp(result);
      // it may have stopped half way: nobody knows
      if (this.reason !== undefined) throw this.reason;
      return result;
    } finally {
      this.#stopTimer?.();
      this.#giveUp = undefined;
    }
  }

  #unlessGivenUp(result: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      result.then(resolve, reject);
    });
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
