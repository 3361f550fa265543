import {
  systemClock,
  type Clock,
  type EngineCallOptions,
  type EngineJob,
  type EngineWorker,
  type EngineWorkerOptions,
  type JobEngine,
  type JobEvent,
  type JobOutcome,
  type JobSnapshot,
  type JobState,
  type NewJob,
  type NewJobFlow,
  type StoredSchedule,
} from "@infra/interfaces";

import { Heap } from "../memory/job-heap.js";
import { MemoryDedupes } from "../memory/memory-dedupes.js";
import { before, plainCopy, snapshotOf, type MemoryJob } from "../memory/memory-job.js";
import { MemorySchedules } from "../memory/memory-schedules.js";
import { MemoryWorker } from "../memory/memory-worker.js";

type Retention = Pick<EngineWorkerOptions, "keepCompleted" | "keepFailed">;

/** Collaborators of {@link MemoryJobEngine}. */
export interface MemoryJobEngineDependencies {
  readonly clock?: Clock | undefined;
}

/** Jobs in this process's memory: for tests, and for what may be lost with the process. */
export class MemoryJobEngine implements JobEngine {
  readonly name = "memory";
  readonly durable = false;
  readonly #clock: Clock;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #waiting = new Heap<MemoryJob>(before);
  readonly #dedupes = new MemoryDedupes();
  readonly #rounds = new Map<string, number>();
  readonly #workers = new Set<MemoryWorker>();
  readonly #listeners = new Set<(event: JobEvent) => void>();
  readonly #cancels = new Set<(id: string) => void>();
  readonly #schedules = new MemorySchedules();
  readonly #beginnings: number[] = [];
  /** In the order in which they finished. */
  readonly #finished = { completed: new Set<MemoryJob>(), failed: new Set<MemoryJob>() };
  #order = 0;

  constructor({ clock = systemClock }: MemoryJobEngineDependencies = {}) {
    this.#clock = clock;
  }

  open({ signal }: EngineCallOptions = {}): Promise<void> {
    return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
  }

  async close(options: EngineCallOptions = {}): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close(options)));
    for (const { wake } of this.#jobs.values()) wake?.();
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
    return jobs.map((job, at) => this.#add(job, texts[at]!));
  }

  async addFlow(flow: NewJobFlow, { signal }: EngineCallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const place = (each: NewJobFlow, parent?: MemoryJob): void => {
      const { job, children, onFailure } = each;
      const entry = this.#entry(job, JSON.stringify(job.data), {
        left: children.length,
        ...(parent && { parent: { job: parent, onFailure } }),
      });
      for (const child of children) place(child, entry);
      if (children.length > 0) entry.state = "waiting-children";
      else this.#enter(entry, job.delayMs);
    };
    place(flow);
  }

  work(options: EngineWorkerOptions): EngineWorker {
    const worker: MemoryWorker = new MemoryWorker(
      {
        clock: this.#clock,
        beginnings: this.#beginnings,
        take: () => this.#take(),
        engineJob: (entry) => this.#engineJob(entry),
        finish: (entry, outcome) => this.#finish(entry, outcome, options),
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
    const those = [...this.#jobs.values()].filter((entry) => entry.state === state);
    const ordered =
      state === "completed" || state === "failed"
        ? [...this.#finished[state]].toReversed()
        : state === "delayed"
          ? those.toSorted((a, b) => a.runAtMs! - b.runAtMs! || a.order - b.order)
          : those.toSorted(before);
    return ordered.slice(offset, offset + limit).map((entry) => snapshotOf(entry));
  }

  async counts(): Promise<Readonly<Record<JobState, number>>> {
    const counts: Record<JobState, number> = {
      waiting: 0,
      delayed: 0,
      active: 0,
      "waiting-children": 0,
      completed: 0,
      failed: 0,
    };
    for (const { state } of this.#jobs.values()) counts[state] += 1;
    return counts;
  }

  async logs(id: string): Promise<readonly string[]> {
    return [...(this.#jobs.get(id)?.logs ?? [])];
  }

  async remove(id: string): Promise<boolean> {
    const entry = this.#jobs.get(id);
    if (!entry || entry.state === "active") return false;
    this.#drop(entry);
    if (entry.parent && entry.state !== "completed" && entry.state !== "failed") {
      this.#childDone(entry.parent.job);
    }
    this.#tell({ type: "removed", id });
    return true;
  }

  async redrive(id: string): Promise<boolean> {
    const entry = this.#jobs.get(id);
    if (entry?.state !== "failed") return false;
    this.#finished.failed.delete(entry);
    entry.failures = 0;
    entry.finishedAtMs = entry.error = entry.stack = undefined;
    this.#enter(entry, 0);
    return true;
  }

  async clean(
    state: "completed" | "failed",
    { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
  ): Promise<number> {
    const lastMs = this.#clock.now() - olderThanMs;
    const old = [...this.#jobs.values()]
      .filter((entry) => entry.state === state && entry.finishedAtMs! <= lastMs)
      .slice(0, limit);
    for (const entry of old) this.#drop(entry);
    return old.length;
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

  /** Makes everything that is delayed wait no longer: for tests. */
  promoteAll(): void {
    for (const entry of this.#jobs.values()) {
      if (entry.state !== "delayed") continue;
      entry.wake?.();
      this.#enter(entry, 0);
    }
  }

  #add(job: NewJob, text: string): string {
    if (this.#jobs.has(job.id)) return job.id;
    if (job.dedupe) {
      const now = this.#clock.now();
      const standing = this.#dedupes.standing(job.dedupe, now);
      const entry = standing === undefined ? undefined : this.#jobs.get(standing);
      if (entry?.state === "delayed" && job.dedupe.replace) this.#drop(entry);
      else if (standing !== undefined) return standing;
      this.#dedupes.take(job.dedupe, job.id, now);
    }
    this.#enter(this.#entry(job, text, {}), job.delayMs);
    return job.id;
  }

  #entry(job: NewJob, text: string, more: Partial<MemoryJob>): MemoryJob {
    const entry: MemoryJob = {
      job,
      text,
      round: this.#round(job.tenantId),
      order: (this.#order += 1),
      addedAtMs: this.#clock.now(),
      state: "waiting",
      failures: 0,
      logs: [],
      left: 0,
      childResults: new Map(),
      ...more,
    };
    this.#jobs.set(job.id, entry);
    return entry;
  }

  /** A tenant's jobs are served one a round, from the round that is being served. */
  #round(tenantId: string | undefined): number {
    if (tenantId === undefined) return 0;
    const head = this.#waiting.peek();
    if (!head) this.#rounds.clear();
    const round = Math.max(head?.round ?? 0, (this.#rounds.get(tenantId) ?? -1) + 1);
    this.#rounds.set(tenantId, round);
    return round;
  }

  #enter(entry: MemoryJob, delayMs: number): void {
    entry.wake = undefined;
    if (delayMs > 0) {
      entry.state = "delayed";
      entry.runAtMs = this.#clock.now() + delayMs;
      entry.wake = this.#clock.setTimeout(() => this.#enter(entry, 0), delayMs, { unref: true });
      this.#tell({ type: "delayed", id: entry.job.id });
      return;
    }
    entry.state = "waiting";
    entry.runAtMs = undefined;
    this.#waiting.push(entry);
    this.#tell({ type: "waiting", id: entry.job.id });
    for (const worker of this.#workers) worker.wake();
  }

  #take(): MemoryJob | undefined {
    const entry = this.#waiting.shift();
    if (!entry) return undefined;
    entry.state = "active";
    entry.startedAtMs = this.#clock.now();
    this.#tell({ type: "active", id: entry.job.id });
    return entry;
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

  #finish(entry: MemoryJob, outcome: JobOutcome, keep: Retention): void {
    const { job, parent } = entry;
    if (outcome.kind === "returned") return this.#enter(entry, outcome.afterMs);
    if (outcome.kind === "completed") {
      entry.result = plainCopy(outcome.result);
      this.#end(entry, "completed", keep);
      this.#tell({ type: "completed", id: job.id, result: plainCopy(outcome.result) });
      if (!parent) return;
      parent.job.childResults.set(job.id, plainCopy(outcome.result));
      return this.#childDone(parent.job);
    }
    entry.failures += 1;
    entry.error = outcome.error.message;
    entry.stack = outcome.error.stack;
    if (!outcome.final && entry.failures < job.attempts) {
      return this.#enter(entry, outcome.retryInMs);
    }
    this.#fail(entry, keep);
  }

  #fail(entry: MemoryJob, keep: Retention): void {
    const { job, parent } = entry;
    this.#end(entry, "failed", keep);
    this.#tell({ type: "failed", id: job.id, error: entry.error });
    if (!parent) return;
    if (parent.onFailure === "ignore") return this.#childDone(parent.job);
    if (parent.job.state !== "waiting-children") return;
    parent.job.error = `child ${job.id} failed`;
    this.#fail(parent.job, keep);
  }

  #childDone(parent: MemoryJob): void {
    parent.left -= 1;
    if (parent.left === 0 && parent.state === "waiting-children") {
      this.#enter(parent, parent.job.delayMs);
    }
  }

  #end(entry: MemoryJob, state: "completed" | "failed", keep: Retention): void {
    const { job } = entry;
    entry.state = state;
    entry.finishedAtMs = this.#clock.now();
    this.#dedupes.finished(job);
    const name = state === "completed" ? "keepCompleted" : "keepFailed";
    const { count, ageMs } = job[name] ?? keep[name];
    const finished = this.#finished[state];
    finished.add(entry);
    for (const oldest of finished) {
      const old = oldest.finishedAtMs! < this.#clock.now() - ageMs;
      if (!old && finished.size <= count) break;
      this.#drop(oldest);
    }
  }

  #drop(entry: MemoryJob): void {
    entry.wake?.();
    if (entry.state === "waiting") this.#waiting.remove(entry);
    this.#dedupes.finished(entry.job);
    this.#finished.completed.delete(entry);
    this.#finished.failed.delete(entry);
    this.#jobs.delete(entry.job.id);
  }

  #tell(event: JobEvent): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(event));
  }
}
