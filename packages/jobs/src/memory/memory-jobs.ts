import type {
  Clock,
  EngineWorkerOptions,
  JobEvent,
  JobOutcome,
  JobState,
  NewJob,
  NewJobFlow,
} from "@infra/interfaces";

import { Heap } from "./job-heap.js";
import { MemoryDedupes } from "./memory-dedupes.js";
import { before, plainCopy, type MemoryJob } from "./memory-job.js";

/** Which of the finished jobs are kept, where they don't say so themselves. */
export type Retention = Pick<EngineWorkerOptions, "keepCompleted" | "keepFailed">;

/** Collaborators of {@link MemoryJobs}. */
export interface MemoryJobsContext {
  readonly clock: Clock;
  /** Something happened to a job. */
  readonly tell: (event: JobEvent) => void;
  /** One has come to wait. */
  readonly arrived: () => void;
}

/** The jobs in memory: where each stands, and whose turn is next. */
export class MemoryJobs {
  readonly #context: MemoryJobsContext;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #waiting = new Heap<MemoryJob>(before);
  readonly #dedupes = new MemoryDedupes();
  readonly #rounds = new Map<string, number>();
  /** In the order in which they finished. */
  readonly #finished = { completed: new Set<MemoryJob>(), failed: new Set<MemoryJob>() };
  #order = 0;

  constructor(context: MemoryJobsContext) {
    this.#context = context;
  }

  get(id: string): MemoryJob | undefined {
    return this.#jobs.get(id);
  }

  /** The newest first, of those that are finished; the next to run first, of the others. */
  in(state: JobState): readonly MemoryJob[] {
    if (state === "completed" || state === "failed") return [...this.#finished[state]].toReversed();
    const those = [...this.#jobs.values()].filter((entry) => entry.state === state);
    return state === "delayed"
      ? those.toSorted((a, b) => a.runAtMs! - b.runAtMs! || a.order - b.order)
      : those.toSorted(before);
  }

  counts(): Readonly<Record<JobState, number>> {
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

  /** @returns its id, or that of the one that keeps it from being added. */
  add(job: NewJob, text: string): string {
    if (this.#jobs.has(job.id)) return job.id;
    if (job.dedupe) {
      const now = this.#context.clock.now();
      const standing = this.#dedupes.standing(job.dedupe, now);
      const entry = standing === undefined ? undefined : this.#jobs.get(standing);
      if (entry?.state === "delayed" && job.dedupe.replace) this.#drop(entry);
      else if (standing !== undefined) return standing;
      this.#dedupes.take(job.dedupe, job.id, now);
    }
    this.#enter(this.#entry(job, text, {}), job.delayMs);
    return job.id;
  }

  addFlow({ job, children, onFailure }: NewJobFlow, parent?: MemoryJob): void {
    const of = parent && { job: parent, onFailure };
    const there = this.#jobs.get(job.id);
    if (there) {
      if (of) this.#adopt(there, of);
      return;
    }
    const entry = this.#entry(job, JSON.stringify(job.data), {
      left: children.length,
      ...(of && { parent: of }),
    });
    if (children.length === 0) return this.#enter(entry, job.delayMs);
    entry.state = "waiting-children";
    for (const child of children) this.addFlow(child, entry);
  }

  /** Begins the one whose turn it is. */
  take(): MemoryJob | undefined {
    const entry = this.#waiting.shift();
    if (!entry) return undefined;
    entry.state = "active";
    entry.startedAtMs = this.#context.clock.now();
    this.#context.tell({ type: "active", id: entry.job.id });
    return entry;
  }

  /** An attempt has ended. */
  finish(entry: MemoryJob, outcome: JobOutcome, keep: Retention): void {
    const { job, parent } = entry;
    if (outcome.kind === "returned") return this.#enter(entry, outcome.afterMs);
    if (outcome.kind === "completed") {
      entry.result = plainCopy(outcome.result);
      this.#end(entry, "completed", keep);
      this.#context.tell({ type: "completed", id: job.id, result: plainCopy(outcome.result) });
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

  /** Whether it was there and did not run. */
  remove(id: string): boolean {
    const entry = this.#jobs.get(id);
    if (!entry || entry.state === "active") return false;
    this.#drop(entry);
    if (entry.parent && entry.state !== "completed" && entry.state !== "failed") {
      this.#childDone(entry.parent.job);
    }
    this.#context.tell({ type: "removed", id });
    return true;
  }

  /** Whether it was a dead letter. */
  redrive(id: string): boolean {
    const entry = this.#jobs.get(id);
    if (entry?.state !== "failed") return false;
    this.#finished.failed.delete(entry);
    entry.failures = 0;
    entry.finishedAtMs = entry.error = entry.stack = undefined;
    this.#enter(entry, 0);
    return true;
  }

  /** Removes up to `limit` that finished at `lastMs` or before; how many. */
  clean(state: "completed" | "failed", lastMs: number, limit: number): number {
    const old = [...this.#finished[state]]
      .filter(({ finishedAtMs }) => finishedAtMs! <= lastMs)
      .slice(0, limit);
    for (const entry of old) this.#drop(entry);
    return old.length;
  }

  /** Makes what is delayed wait no longer: all jobs of the names that are wanted. */
  promoteAll(isWanted: (name: string) => boolean): void {
    for (const entry of this.#jobs.values()) {
      if (entry.state !== "delayed" || !isWanted(entry.job.name)) continue;
      entry.wake?.();
      this.#enter(entry, 0);
    }
  }

  /** Takes back the timers of all that is delayed. */
  stopTimers(): void {
    for (const { wake } of this.#jobs.values()) wake?.();
  }

  #entry(job: NewJob, text: string, more: Partial<MemoryJob>): MemoryJob {
    const entry: MemoryJob = {
      job,
      text,
      round: this.#round(job.tenantId),
      order: (this.#order += 1),
      addedAtMs: this.#context.clock.now(),
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

  /** A tenant's jobs are served one a round, from the round that is being served; those of no tenant before. */
  #round(tenantId: string | undefined): number {
    if (tenantId === undefined) return -1;
    const head = this.#waiting.peek();
    if (!head) this.#rounds.clear();
    const round = Math.max(head?.round ?? 0, 0, (this.#rounds.get(tenantId) ?? -1) + 1);
    this.#rounds.set(tenantId, round);
    return round;
  }

  #enter(entry: MemoryJob, delayMs: number): void {
    const { clock, tell, arrived } = this.#context;
    entry.wake = undefined;
    if (delayMs > 0) {
      entry.state = "delayed";
      entry.runAtMs = clock.now() + delayMs;
      entry.wake = clock.setTimeout(() => this.#enter(entry, 0), delayMs, { unref: true });
      tell({ type: "delayed", id: entry.job.id });
      return;
    }
    entry.state = "waiting";
    entry.runAtMs = undefined;
    this.#waiting.push(entry);
    tell({ type: "waiting", id: entry.job.id });
    arrived();
  }

  #fail(entry: MemoryJob, keep: Retention): void {
    const { job, parent } = entry;
    this.#end(entry, "failed", keep);
    this.#context.tell({ type: "failed", id: job.id, error: entry.error });
    if (!parent) return;
    if (parent.onFailure === "ignore") return this.#childDone(parent.job);
    if (parent.job.state !== "waiting-children") return;
    parent.job.error = `child ${job.id} failed`;
    this.#fail(parent.job, keep);
  }

  /** One that was there before its parent is waited for all the same. */
  #adopt(entry: MemoryJob, parent: NonNullable<MemoryJob["parent"]>): void {
    if (entry.state === "completed") {
      parent.job.childResults.set(entry.job.id, entry.result);
      this.#childDone(parent.job);
    } else {
      entry.parent = parent;
    }
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
    entry.finishedAtMs = this.#context.clock.now();
    this.#dedupes.finished(job);
    const name = state === "completed" ? "keepCompleted" : "keepFailed";
    const { count, ageMs } = job[name] ?? keep[name];
    const finished = this.#finished[state];
    finished.add(entry);
    for (const oldest of finished) {
      const old = oldest.finishedAtMs! < this.#context.clock.now() - ageMs;
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
}
