import type { Clock, EngineJob, EngineWorker, EngineWorkerOptions } from "@infra/interfaces";
import { abortable } from "@infra/promises";

import type { MemoryJob } from "./memory-job.js";

/** What a worker does with the jobs in memory. */
export interface WorkerHost {
  readonly clock: Clock;
  /** When the jobs of the last while began, for the rate. */
  readonly beginnings: number[];
  take(): MemoryJob | undefined;
  engineJob(entry: MemoryJob): EngineJob;
  finish(entry: MemoryJob, outcome: Awaited<ReturnType<EngineWorkerOptions["run"]>>): void;
  left(worker: MemoryWorker): void;
}

/** Runs jobs that are in memory. */
export class MemoryWorker implements EngineWorker {
  readonly #host: WorkerHost;
  readonly #options: EngineWorkerOptions;
  readonly #running = new Set<Promise<void>>();
  #closed = false;
  #stopWaiting: (() => void) | undefined;

  constructor(host: WorkerHost, options: EngineWorkerOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Takes what it can. */
  wake(): void {
    while (!this.#closed && this.#running.size < this.#options.concurrency) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#stopWaiting?.();
        this.#stopWaiting = this.#host.clock.setTimeout(() => this.wake(), waitMs, { unref: true });
        return;
      }
      const entry = this.#host.take();
      if (!entry) return;
      if (this.#options.rateLimit) this.#host.beginnings.push(this.#host.clock.now());
      const run = this.#run(entry);
      this.#running.add(run);
      void run.finally(() => {
        this.#running.delete(run);
        this.wake();
      });
    }
  }

  async close({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#closed = true;
    this.#stopWaiting?.();
    this.#host.left(this);
    await abortable(Promise.all(this.#running), { signal }).catch(() => {});
  }

  async #run(entry: MemoryJob): Promise<void> {
    const outcome = await this.#options.run(this.#host.engineJob(entry));
    this.#host.finish(entry, outcome);
  }

  /** How long until the rate allows another one. */
  #waitMs(): number {
    const { rateLimit } = this.#options;
    if (!rateLimit) return 0;
    const { beginnings, clock } = this.#host;
    const now = clock.now();
    while (beginnings.length > 0 && beginnings[0]! <= now - rateLimit.durationMs)
      beginnings.shift();
    if (beginnings.length < rateLimit.max) return 0;
    return beginnings[beginnings.length - rateLimit.max]! + rateLimit.durationMs - now;
  }
}
