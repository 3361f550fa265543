import type { JobRetention, JobSnapshot, JobState, NewJob } from "@infra/interfaces";

import type { BullJob } from "./bull-types.js";

/** Rounds of tenants within one priority. 21 priorities of so many fit into the 2,097,152 that BullMQ has. */
export const roundsPerPriority = 99_000;

/** BullMQ's priority: the lower, the sooner, from 1. */
export function bullPriority(priority: number, round: number): number {
  return (10 - priority) * roundsPerPriority + Math.min(round, roundsPerPriority - 1) + 1;
}

/** Ours. */
export function ownPriority(bull: number): number {
  return 10 - Math.floor((bull - 1) / roundsPerPriority);
}

/** The name of the strategy that asks us how long to wait. */
export const backoffName = "infra";

/** The options of BullMQ for a job. */
export function bullOptions(job: NewJob, round: number): Record<string, unknown> {
  const { dedupe, keepCompleted, keepFailed } = job;
  return {
    jobId: job.id,
    priority: bullPriority(job.priority, round),
    ...(keepCompleted && { removeOnComplete: retention(keepCompleted) }),
    ...(keepFailed && { removeOnFail: retention(keepFailed) }),
    ...(job.delayMs > 0 && { delay: Math.ceil(job.delayMs) }),
    ...(job.attempts > 1 && { attempts: job.attempts, backoff: { type: backoffName } }),
    ...(dedupe && {
      deduplication: {
        id: dedupe.id,
        ...(dedupe.forMs !== undefined && { ttl: Math.max(1, Math.ceil(dedupe.forMs)) }),
        ...(dedupe.replace && { replace: true, extend: true }),
      },
    }),
  };
}

/** BullMQ's words for what is kept. */
export function retention({ count, ageMs }: JobRetention): { count: number; age?: number } {
  if (count === 0) return { count };
  return ageMs === Infinity ? { count } : { count, age: Math.max(1, Math.ceil(ageMs / 1000)) };
}

const states: Readonly<Record<string, JobState>> = {
  waiting: "waiting",
  wait: "waiting",
  paused: "waiting",
  prioritized: "waiting",
  delayed: "delayed",
  active: "active",
  "waiting-children": "waiting-children",
  completed: "completed",
  failed: "failed",
};

/** BullMQ's words for a state. */
export const bullStates: Readonly<Record<JobState, readonly string[]>> = {
  waiting: ["prioritized", "wait", "paused"],
  delayed: ["delayed"],
  active: ["active"],
  "waiting-children": ["waiting-children"],
  completed: ["completed"],
  failed: ["failed"],
};

/** `undefined` when BullMQ does not know where it stands: it was removed in between. */
export function stateOf(word: string): JobState | undefined {
  return states[word];
}

/** A job of BullMQ as everybody knows it. */
export function snapshot(job: BullJob, state: JobState): JobSnapshot {
  const { processedOn, finishedOn, failedReason, stacktrace } = job;
  const progress = job.progress === 0 ? undefined : job.progress;
  return {
    id: job.id!,
    name: job.name,
    data: job.data,
    state,
    failures: job.attemptsMade - (state === "completed" ? 1 : 0),
    attempts: job.opts.attempts ?? 1,
    priority: ownPriority(job.priority),
    addedAtMs: job.timestamp,
    ...(processedOn && { startedAtMs: processedOn }),
    ...(finishedOn && { finishedAtMs: finishedOn }),
    ...(state === "delayed" && { runAtMs: job.timestamp + job.delay }),
    ...(progress !== undefined && { progress }),
    ...(state === "completed" && { result: job.returnvalue ?? undefined }),
    ...(failedReason && { error: failedReason }),
    ...(stacktrace && stacktrace.length > 0 && { stack: stacktrace.at(-1) }),
  };
}
