import {
  systemClock,
  type Clock,
  type EngineCallOptions,
  type EngineJob,
  type EngineWorker,
  type EngineWorkerOptions,
  type JobEngine,
  type JobEvent,
  type JobSnapshot,
  type JobState,
  type NewJob,
  type NewJobFlow,
  type StoredSchedule,
} from "@infra/interfaces";

import { plainCopy, snapshotOf, type MemoryJob } from "../memory/memory-job.js";
import { MemoryJobs } from "../memory/memory-jobs.js";
import { MemorySchedules } from "../memory/memory-schedules.js";
import { MemoryWorker } from "../memory/memory-worker.js";

/** Collaborators of {@link MemoryJobEngine}. */
export interface MemoryJobEngineDependencies {
  readonly clock?: Clock | undefined;
}

/** Jobs in this process's memory: for tests, and for what may be lost with the process. */
export class MemoryJobEngine implements JobEngine {
  readonly name = "memory";
  readonly durable = false;
  readonly #clock: Clock;
  readonly #jobs: MemoryJobs;
  readonly #workers = new Set<MemoryWorker>();
  readonly #listeners = new Set<(event: JobEvent) => void>();
  readonly #cancels = new Set<(id: string) => void>();
  readonly #schedules = new MemorySchedules();
  readonly #beginnings: number[] = [];

  constructor({ clock = systemClock }: MemoryJobEngineDependencies = {}) {
    this.#clock = clock;
    this.#jobs = new MemoryJobs({
      clock,
      tell: (event) => this.#tell(event),
      arrived: () => {
        for (const worker of this.#workers) worker.wake();
      },
    });
  }

  open({ signal }: EngineCallOptions = {}): Promise<void> {
    return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
  }

  async close(options: EngineCallOptions = {}): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close(options)));
    this.#jobs.stopTimers();
    this.#listeners.clear();
    this.#cancels.clear();
  }

  ping(options?: EngineCallOptions): Promise<void> {
    return this.open(options);
  }

  async add(jobs: readonly NewJob[], { signal }: EngineCallOptions = {}): Promise<string[]> {
    signal?.throwIfAborted();
    // what is no JSON has to fail before the first is added
    const texts = jobs.map(({ data }) => JSON.stringify(data));
    return jobs.map((job, at) => this.#jobs.add(job, texts[at]!));
  }

  async addFlow(flow: NewJobFlow, { signal }: EngineCallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#jobs.addFlow(flow);
  }

  work(options: EngineWorkerOptions): EngineWorker {
    const worker: MemoryWorker = new MemoryWorker(
      {
        clock: this.#clock,
        beginnings: this.#beginnings,
        take: () => this.#jobs.take(),
        engineJob: (entry) => this.#engineJob(entry),
        finish: (entry, outcome) => this.#jobs.finish(entry, outcome, options),
        left: (left) => this.#workers.delete(left),
      },
      options,
    );
    this.#workers.add(worker);
    queueMicrotask(() => worker.wake());
    return worker;
  }

  async get(id: string): Promise<JobSnapshot | undefined> {
    const entry = this.#jobs.get(id);
    return entry && snapshotOf(entry);
  }

  async list(
    state: JobState,
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): Promise<readonly JobSnapshot[]> {
    const those = this.#jobs.in(state).slice(offset, offset + limit);
    return those.map((entry) => snapshotOf(entry));
  }

  async counts(): Promise<Readonly<Record<JobState, number>>> {
    return this.#jobs.counts();
  }

  async logs(id: string): Promise<readonly string[]> {
    return [...(this.#jobs.get(id)?.logs ?? [])];
  }

  async remove(id: string): Promise<boolean> {
    return this.#jobs.remove(id);
  }

  async redrive(id: string): Promise<boolean> {
    return this.#jobs.redrive(id);
  }

  async clean(
    state: "completed" | "failed",
    { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
  ): Promise<number> {
    return this.#jobs.clean(state, this.#clock.now() - olderThanMs, limit);
  }

  async subscribe(listener: (event: JobEvent) => void): Promise<() => Promise<void>> {
    this.#listeners.add(listener);
    return async () => void this.#listeners.delete(listener);
  }

  async sendCancel(id: string): Promise<void> {
    for (const listener of this.#cancels) listener(id);
  }

  async onCancel(listener: (id: string) => void): Promise<() => Promise<void>> {
    this.#cancels.add(listener);
    return async () => void this.#cancels.delete(listener);
  }

  async schedules(): Promise<readonly StoredSchedule[]> {
    return this.#schedules.all();
  }

  async putSchedule(schedule: StoredSchedule): Promise<void> {
    this.#schedules.put(schedule);
  }

  async removeSchedule(key: string): Promise<boolean> {
    return this.#schedules.remove(key);
  }

  async claimSlot(slot: { key: string; slotMs: number; nowMs: number; forMs: number }) {
    return this.#schedules.claim(slot);
  }

  async passSlot(slot: { key: string; slotMs: number; nextMs: number }): Promise<void> {
    this.#schedules.pass(slot);
  }

  /** Makes what is delayed wait no longer, all of it or the jobs of the names that are wanted: for tests. */
  promoteAll(isWanted: (name: string) => boolean = () => true): void {
    this.#jobs.promoteAll(isWanted);
  }

  #engineJob(entry: MemoryJob): EngineJob {
    const { job } = entry;
    return {
      id: job.id,
      name: job.name,
      data: JSON.parse(entry.text),
      attempt: entry.failures + 1,
      attempts: job.attempts,
      progress: async (value) => {
        entry.progress = plainCopy(value);
        this.#tell({ type: "progress", id: job.id, progress: plainCopy(value) });
      },
      log: async (line) => void entry.logs.push(line),
      children: async () => Object.fromEntries(entry.childResults),
    };
  }

  #tell(event: JobEvent): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(event));
  }
}
