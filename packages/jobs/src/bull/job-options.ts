import type { JobRetention, JobSnapshot, JobState, NewJob } from "@infra/interfaces";

import type { BullJob, BullJobEntry } from "./bull-types.js";

/** Places within one priority: that of jobs without a tenant, then the rounds. 11 times as many fit into BullMQ's 2,097,151. */
export const placesPerPriority = 190_000;

/** BullMQ's priority: none for most jobs, which is the soonest and costs least; else the lower, the sooner, from 1. */
function bullPriority({ priority, tenantId }: NewJob, round: number): number {
  if (priority === 0 && tenantId === undefined) return 0;
  const place = tenantId === undefined ? 0 : Math.min(round + 1, placesPerPriority - 1);
  return 1 + place - priority * placesPerPriority;
}

/** Ours. */
function ownPriority(bull: number): number {
  return bull === 0 ? 0 : 0 - Math.floor((bull - 1) / placesPerPriority);
}

/** The name of the strategy that asks us how long to wait. */
export const backoffName = "infra";

/** A job as BullMQ's backend is given it. */
export function bullEntry(job: NewJob, round: number): BullJobEntry {
  return {
    jobId: job.id,
    job: {
      name: job.name,
      data: JSON.stringify(job.data),
      opts: bullOptions(job, round),
      timestamp: Date.now(),
      deduplicationId: job.dedupe?.id,
    },
  };
}

/** The options of BullMQ for a job. */
export function bullOptions(job: NewJob, round: number): Record<string, unknown> {
  const { dedupe, keepCompleted, keepFailed } = job;
  const priority = bullPriority(job, round);
  return {
    ...(priority > 0 && { priority }),
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
  waiting: ["wait", "paused", "prioritized"],
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
    attempts: job.opts.attempts || 1,
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
