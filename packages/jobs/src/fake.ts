import { AssertionError } from "node:assert";

import type { JobDefinition, JobState } from "@infra/interfaces";

import { MemoryJobEngine } from "./drivers/memory.js";
import type { JobInfo } from "./job-admin.js";
import type { JobsOptions } from "./jobs-options.js";
import { JobsService, type JobsDependencies } from "./jobs-service.js";
import { workOf } from "./jobs-work.js";

/** Options of {@link FakeJobs}. */
export interface FakeJobsOptions extends Omit<JobsOptions, "url" | "redisUrl" | "engine"> {
  /** Whether jobs run at once when they are due, or wait for {@link FakeJobs.runAll}. @default false */
  readonly work?: boolean | undefined;
}

const all: readonly JobState[] = [
  "waiting",
  "delayed",
  "active",
  "waiting-children",
  "completed",
  "failed",
];

/**
 * The jobs of a test: in memory, checked, encoded and run as anywhere else. What was enqueued can be asserted, and is run
 * when the test says so.
 */
export class FakeJobs extends JobsService {
  readonly #engine: MemoryJobEngine;

  constructor(options: FakeJobsOptions = {}, deps: JobsDependencies = {}) {
    const { work = false } = options;
    const engine = new MemoryJobEngine(deps);
    super({ keepCompleted: 10_000, keepCompletedFor: Infinity, ...options, work, engine }, deps);
    this.#engine = engine;
  }

  /**
   * Runs what waits, and what that enqueues, one after the other, until nothing waits any more.
   *
   * @param options - `delayed`: also what is delayed, at once; jobs that failed and are tried again are among them. What
   * nothing handles stays.
   */
  async runAll({ delayed = false }: { readonly delayed?: boolean } = {}): Promise<void> {
    const work = workOf.get(this)!;
    const handled = (name: string): boolean => work.handles(name);
    for (;;) {
      if (delayed) this.#engine.promoteAll(handled);
      await work.runWaiting();
      const left = await this.#engine.list("delayed", { offset: 0, limit: Infinity });
      if (!delayed || !left.some(({ name }) => handled(name))) return;
    }
  }

  /** Every job there is, in any state, in the order in which they were enqueued. */
  async enqueued<Payload>(
    definition?: JobDefinition<Payload>,
  ): Promise<readonly (JobInfo & { readonly payload: Payload })[]> {
    const lists = await Promise.all(
      all.map((state) => this.#engine.list(state, { offset: 0, limit: Infinity })),
    );
    const ids = lists.flat().filter((job) => !definition || job.name === definition.name);
    const jobs = await Promise.all(ids.map(({ id }) => this.admin.get(id)));
    return jobs
      .filter((job) => job !== undefined)
      .toSorted((a, b) => a.addedAtMs - b.addedAtMs) as (JobInfo & { payload: Payload })[];
  }

  /** @throws AssertionError when no job of this definition was enqueued, or none whose payload `matches`. */
  async assertEnqueued<Payload>(
    definition: JobDefinition<Payload>,
    matches: (payload: Payload) => boolean = () => true,
  ): Promise<void> {
    const jobs = await this.enqueued(definition);
    if (jobs.some(({ payload }) => matches(payload))) return;
    throw new AssertionError({
      message: `no job ${definition.name} was enqueued${jobs.length > 0 ? ` that matches, but ${jobs.length} with ${JSON.stringify(jobs.map(({ payload }) => payload))}` : ""}`,
    });
  }

  /** @throws AssertionError when a job (of this definition) was enqueued. */
  async assertNotEnqueued<Payload>(definition?: JobDefinition<Payload>): Promise<void> {
    const jobs = await this.enqueued(definition);
    if (jobs.length === 0) return;
    throw new AssertionError({
      message: `expected no job${definition ? ` ${definition.name}` : ""}, got ${jobs.length}: ${JSON.stringify(jobs.map(({ name, payload }) => ({ name, payload })))}`,
    });
  }
}
