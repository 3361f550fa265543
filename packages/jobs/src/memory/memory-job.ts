import type { JobSnapshot, JobState, NewJob } from "@infra/interfaces";

/** A job in memory. */
export interface MemoryJob {
  readonly job: NewJob;
  /** Its data as text: nobody shares objects with it. */
  readonly text: string;
  /** Which of its tenant's turns it is. */
  readonly round: number;
  /** In which order they came. */
  readonly order: number;
  readonly addedAtMs: number;
  state: JobState;
  failures: number;
  runAtMs?: number | undefined;
  startedAtMs?: number | undefined;
  finishedAtMs?: number | undefined;
  progress?: unknown;
  result?: unknown;
  error?: string | undefined;
  stack?: string | undefined;
  readonly logs: string[];
  parent?: { readonly job: MemoryJob; readonly onFailure: "fail-parent" | "ignore" };
  /** Children that are not done. */
  left: number;
  readonly childResults: Map<string, unknown>;
  /** Takes back the timer of one that is delayed. */
  wake?: (() => void) | undefined;
}

/** A copy that shares nothing with what was stored, as of any other engine. */
export function plainCopy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** What others may know of it. */
export function snapshotOf(entry: MemoryJob): JobSnapshot {
  const { job, state, failures, addedAtMs } = entry;
  return {
    id: job.id,
    name: job.name,
    data: JSON.parse(entry.text),
    state,
    failures,
    attempts: job.attempts,
    priority: job.priority,
    addedAtMs,
    ...(entry.startedAtMs !== undefined && { startedAtMs: entry.startedAtMs }),
    ...(entry.finishedAtMs !== undefined && { finishedAtMs: entry.finishedAtMs }),
    ...(state === "delayed" && { runAtMs: entry.runAtMs }),
    ...(entry.progress !== undefined && { progress: plainCopy(entry.progress) }),
    ...(state === "completed" && { result: plainCopy(entry.result) }),
    ...(entry.error !== undefined && { error: entry.error }),
    ...(entry.stack !== undefined && { stack: entry.stack }),
  };
}

/** The one that is to be run first stands first. */
export function before(a: MemoryJob, b: MemoryJob): number {
  return b.job.priority - a.job.priority || a.round - b.round || a.order - b.order;
}
