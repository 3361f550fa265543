import type { Clock, EngineWorker, JobEngine, Logger } from "@infra/interfaces";
import { abortable, sleep } from "@infra/promises";

import { ResultWaiter } from "./await-result.js";
import type { JobMaker } from "./job-maker.js";
import { JobRunner, type Registration } from "./job-runner.js";
import type { ResolvedOptions } from "./jobs-options.js";
import type { JobsCounts } from "./jobs-stats.js";
import { Scheduler } from "./scheduler.js";

/** Collaborators of {@link JobsWork}. */
export interface JobsWorkContext {
  readonly engine: JobEngine;
  readonly options: ResolvedOptions;
  readonly maker: JobMaker;
  readonly counts: JobsCounts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onError: (error: Error) => void;
}

/** What a service does, for the fake. */
export const workOf = new WeakMap<object, JobsWork>();

/** How long letting go of an engine may take. */
const closeMs = 1_000;
/** The same, when the time is over. */
const hurriedMs = 250;
/** How long it may take to write down that jobs go back. */
const givenBackMs = 500;

/** What a service does on its own: runs jobs, follows schedules, hears of cancellations; and how all of it ends. */
export class JobsWork {
  readonly results: ResultWaiter;
  readonly #context: JobsWorkContext;
  readonly #registrations = new Map<string, Registration>();
  readonly #runner: JobRunner;
  readonly #scheduler: Scheduler;
  #worker: EngineWorker | undefined;
  #endCancels: (() => Promise<void>) | undefined;
  #started = false;
  #stopped = false;

  constructor(context: JobsWorkContext) {
    this.#context = context;
    const { engine, options, maker, counts, clock, logger, random } = context;
    const { callTimeoutMs } = options;
    this.results = new ResultWaiter({ engine, clock, callTimeoutMs });
    this.#runner = new JobRunner({
      clock,
      logger,
      random,
      counts,
      abortGraceMs: options.abortGraceMs,
      registrations: this.#registrations,
    });
    this.#scheduler = new Scheduler({
      engine,
      clock,
      logger,
      counts,
      callTimeoutMs,
      jobFor: (key, spec, slotMs) => maker.forSlot(key, spec, slotMs),
    });
  }

  register(registration: Registration): void {
    const { name } = registration.definition;
    if (this.#registrations.has(name)) {
      throw new Error(`handle: the job ${name} has a handler already`);
    }
    this.#registrations.set(name, registration);
    if (this.#started) this.#beginWork();
  }

  /** Whether jobs of a name have a handler here. */
  handles(name: string): boolean {
    return this.#registrations.has(name);
  }

  async start(): Promise<void> {
    const { engine } = this.#context;
    const endCancels = await engine.onCancel((id) => void this.#runner.cancel(id));
    // it was stopped meanwhile: nothing may begin any more
    if (this.#stopped) return endCancels();
    this.#endCancels = endCancels;
    this.#started = true;
    if (this.#registrations.size > 0) this.#beginWork();
    this.#scheduler.start();
  }

  cancel(id: string): boolean {
    return this.#runner.cancel(id);
  }

  schedulesChanged(): void {
    if (this.#started) this.#scheduler.wake();
  }

  /** Runs what waits, one after the other, until nothing does. */
  async runWaiting(): Promise<void> {
    const { engine } = this.#context;
    const worker = this.#work(1);
    try {
      for (;;) {
        const { waiting, active } = await engine.counts();
        if (waiting + active === 0) return;
        await sleep(1);
      }
    } finally {
      await worker.close();
    }
  }

  async stop(given: AbortSignal | undefined): Promise<void> {
    const { engine, options, counts, logger } = this.#context;
    const signal = given ?? AbortSignal.timeout(Math.ceil(options.stopTimeoutMs));
    this.#started = false;
    this.#stopped = true;
    const stopped = Promise.allSettled([this.#scheduler.stop(), this.#worker?.close()]);
    // with the engine gone nothing of it answers: what waits for nothing of ours is not waited for
    const idle = this.#runner.idle().then(() => sleep(closeMs, { unref: true }));
    await abortable(Promise.race([stopped, idle]), { signal }).catch(() => {});
    if (counts.running > 0) {
      logger.warn("the jobs are stopped while some run: they are run again elsewhere", {
        running: counts.running,
      });
      this.#runner.abortAll();
      await this.#runner.idle();
      // what they were is being written down
      await Promise.race([stopped, sleep(givenBackMs, { unref: true })]);
    }
    const budgetMs = signal.aborted ? hurriedMs : closeMs;
    const released = Promise.allSettled([this.results.close(), this.#endCancels?.()]);
    await Promise.race([released, sleep(budgetMs, { unref: true })]);
    await engine.close({ signal: AbortSignal.timeout(budgetMs) });
  }

  #beginWork(): void {
    this.#worker ??= this.#work(this.#context.options.concurrency);
  }

  #work(concurrency: number): EngineWorker {
    const { engine, options, onError } = this.#context;
    const { rateLimit, leaseMs, maxStalls, keepCompleted, keepFailed } = options;
    return engine.work({
      concurrency,
      rateLimit,
      leaseMs,
      maxStalls,
      keepCompleted,
      keepFailed,
      run: (job) => this.#runner.run(job),
      onError,
    });
  }
}
