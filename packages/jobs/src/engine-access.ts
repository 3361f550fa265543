import type { Clock, JobEngine } from "@infra/interfaces";

import { callEngine } from "./engine-call.js";
import { JobsStoppedError } from "./errors.js";
import type { ResolvedOptions } from "./jobs-options.js";

/** The way to the engine: opens it on first use, bounds every call, and refuses them once the service has been stopped. */
export class EngineAccess {
  readonly #engine: JobEngine;
  readonly #options: Pick<ResolvedOptions, "startTimeoutMs" | "callTimeoutMs">;
  readonly #clock: Clock;
  #opened = false;
  #ended = false;

  constructor(
    engine: JobEngine,
    options: Pick<ResolvedOptions, "startTimeoutMs" | "callTimeoutMs">,
    clock: Clock,
  ) {
    this.#engine = engine;
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Takes longer than other calls: an embedded database may have to be made.
   *
   * @throws JobsEngineError (`ERR_JOBS_ENGINE`)
   */
  async open(signal: AbortSignal | undefined): Promise<void> {
    if (this.#opened) return;
    const { startTimeoutMs: timeoutMs } = this.#options;
    const call = { operation: "start", timeoutMs, clock: this.#clock, signal };
    await callEngine((inner) => this.#engine.open({ signal: inner }), call);
    this.#opened = true;
  }

  /** @throws JobsEngineError (`ERR_JOBS_ENGINE`), JobsStoppedError (`ERR_JOBS_STOPPED`); the signal's reason. */
  call<T>(
    operation: string,
    work: (engine: JobEngine, signal: AbortSignal | undefined) => Promise<T>,
    signal: AbortSignal | undefined,
    repeatable = false,
  ): Promise<T> {
    if (this.#ended) return Promise.reject(stopped());
    if (!this.#opened) {
      return this.open(signal).then(() => this.call(operation, work, signal, repeatable));
    }
    return callEngine((inner) => work(this.#engine, inner), {
      operation,
      timeoutMs: this.#options.callTimeoutMs,
      clock: this.#clock,
      signal,
      repeatable,
    });
  }

  /** Refuses every call from now on. */
  end(): void {
    this.#ended = true;
  }
}

/** What is said to who uses the service after `stop()`. */
export function stopped(): JobsStoppedError {
  return new JobsStoppedError("the jobs were used after stop()");
}
