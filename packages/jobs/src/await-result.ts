import { setMaxListeners } from "node:events";

import type { Clock, JobEngine, JobEvent } from "@infra/interfaces";
import { abortable, deferred, linkSignals } from "@infra/promises";

import { callEngine } from "./engine-call.js";
import { JobFailedError, JobsStoppedError, UnknownJobError } from "./errors.js";

/** How often a job is looked at while its result is waited for, should an event get lost with a connection. */
const lookMs = 2_000;

/** Collaborators of {@link ResultWaiter}. */
export interface ResultWaiterContext {
  readonly engine: JobEngine;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
}

/** Waits for jobs to end, over one subscription for all. */
export class ResultWaiter {
  readonly #context: ResultWaiterContext;
  readonly #waiting = new Map<string, Set<(event: JobEvent) => void>>();
  readonly #ending = new AbortController();
  #subscription: Promise<() => Promise<void>> | undefined;

  constructor(context: ResultWaiterContext) {
    this.#context = context;
    // everybody who waits listens
    setMaxListeners(0, this.#ending.signal);
  }

  /**
   * @throws JobFailedError (`ERR_JOBS_FAILED`) when it has failed for good; UnknownJobError (`ERR_JOBS_UNKNOWN`) when there
   * is no such job; JobsEngineError (`ERR_JOBS_ENGINE`) when the engine does not answer for `callTimeout`; JobsStoppedError
   * (`ERR_JOBS_STOPPED`) when it is closed; the signal's reason.
   */
  async result(id: string, given: AbortSignal | undefined): Promise<unknown> {
    const ended = deferred<JobEvent>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    waiting.add(ended.resolve);
    using link = linkSignals(given, this.#ending.signal);
    const { signal } = link;
    try {
      await abortable(this.#subscribed(), { signal });
      for (;;) {
        const outcome = await this.#look(id, signal);
        if (outcome) return outcome.result;
        const event = await this.#next(ended.promise, signal);
        if (event) return resultOf(event);
      }
    } finally {
      waiting.delete(ended.resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }

  /** Whoever still waits is told so. */
  async close(): Promise<void> {
    this.#ending.abort(
      new JobsStoppedError("the jobs were stopped while the result of one was waited for"),
    );
    const end = await this.#subscription?.catch(() => undefined);
    await end?.();
  }

  #subscribed(): Promise<unknown> {
    return (this.#subscription ??= this.#ask("subscribe", (engine) =>
      engine.subscribe((event) => this.#tell(event)),
    ).catch((error: unknown) => {
      this.#subscription = undefined;
      throw error;
    }));
  }

  async #look(id: string, signal: AbortSignal) {
    const job = await this.#ask(
      "get",
      (engine, inner) => engine.get(id, { signal: inner }),
      signal,
    );
    if (!job) throw new UnknownJobError(`there is no job ${id} (any more)`, { details: { id } });
    if (job.state === "failed") throw failed(id, job.error);
    return job.state === "completed" ? { result: job.result } : undefined;
  }

  /** How it ended; `undefined` when it is time to look. */
  async #next(ended: Promise<JobEvent>, signal: AbortSignal): Promise<JobEvent | undefined> {
    let stop!: () => void;
    const later = new Promise<undefined>((resolve) => {
      stop = this.#context.clock.setTimeout(() => resolve(undefined), lookMs, { unref: true });
    });
    try {
      return await abortable(Promise.race([ended, later]), { signal });
    } finally {
      stop();
    }
  }

  #ask<T>(
    operation: string,
    work: (engine: JobEngine, signal: AbortSignal | undefined) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { engine, clock, callTimeoutMs: timeoutMs } = this.#context;
    const call = { operation, timeoutMs, clock, signal, repeatable: true };
    return callEngine((inner) => work(engine, inner), call);
  }

  #tell(event: JobEvent): void {
    const ends = event.type === "completed" || event.type === "failed" || event.type === "removed";
    if (ends) for (const resolve of this.#waiting.get(event.id) ?? []) resolve(event);
  }
}

function resultOf(event: JobEvent): unknown {
  if (event.type === "completed") return event.result;
  if (event.type === "failed") throw failed(event.id, event.error);
  throw new UnknownJobError(`the job ${event.id} was removed`, { details: { id: event.id } });
}

function failed(id: string, message = "no reason is known"): JobFailedError {
  return new JobFailedError(`the job ${id} has failed: ${message}`, { details: { id } });
}
