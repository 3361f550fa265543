import type { JobEngine, JobEvent } from "@infra/interfaces";
import { abortable, deferred } from "@infra/promises";

import { JobFailedError, UnknownJobError } from "./errors.js";

/** How often a job is looked at while its result is waited for, should an event get lost with a connection. */
const lookMs = 2_000;

/** Waits for jobs to end, over one subscription for all. */
export class ResultWaiter {
  readonly #engine: JobEngine;
  readonly #waiting = new Map<string, Set<(event: JobEvent) => void>>();
  #subscription: Promise<() => Promise<void>> | undefined;

  constructor(engine: JobEngine) {
    this.#engine = engine;
  }

  /**
   * @throws JobFailedError (`ERR_JOBS_FAILED`) when it has failed for good; UnknownJobError (`ERR_JOBS_UNKNOWN`) when there
   * is no such job; the signal's reason.
   */
  async result(id: string, signal: AbortSignal | undefined): Promise<unknown> {
    this.#subscription ??= this.#engine.subscribe((event) => this.#tell(event));
    const ended = deferred<JobEvent>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    waiting.add(ended.resolve);
    try {
      await abortable(this.#subscription, { signal });
      for (;;) {
        const outcome = await this.#look(id, signal);
        if (outcome) return outcome.result;
        const event = await abortable(Promise.race([ended.promise, later(lookMs)]), { signal });
        if (event) return resultOf(event);
      }
    } finally {
      waiting.delete(ended.resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }

  async close(): Promise<void> {
    const end = await this.#subscription?.catch(() => undefined);
    await end?.();
  }

  async #look(id: string, signal: AbortSignal | undefined) {
    const job = await this.#engine.get(id, { signal });
    if (!job) throw new UnknownJobError(`there is no job ${id} (any more)`, { details: { id } });
    if (job.state === "failed") throw failed(id, job.error);
    return job.state === "completed" ? { result: job.result } : undefined;
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

function later(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
