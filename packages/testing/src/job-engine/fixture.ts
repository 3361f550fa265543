import type { EngineJob, JobEngine, JobOutcome, NewJob } from "@infra/interfaces";

import { until } from "../until.js";

/** An engine that nobody else uses, and another on the same jobs. */
export interface JobEngineUnderTest {
  readonly engine: JobEngine;
  /** Another one on the same jobs, as in another process; `undefined` where there can't be one. */
  readonly again: (() => Promise<JobEngine>) | undefined;
  close(): Promise<void>;
}

let made = 0;

/** A job with what a test does not care about. */
export function newJob(more: Partial<NewJob> = {}): NewJob {
  made += 1;
  return {
    id: `job-${made}-${Math.random().toString(36).slice(2)}`,
    name: "test",
    data: { payload: made },
    delayMs: 0,
    priority: 0,
    attempts: 1,
    ...more,
  };
}

export const completed = (result?: unknown): JobOutcome => ({ kind: "completed", result });

export const failed = (message: string, retryInMs = 0, final = false): JobOutcome => ({
  kind: "failed",
  error: new Error(message),
  final,
  retryInMs,
});

/** Begins to work; what was run is in `seen`. */
export function work(
  engine: JobEngine,
  run: (job: EngineJob) => JobOutcome | Promise<JobOutcome> = () => completed(),
  options: Partial<Parameters<JobEngine["work"]>[0]> = {},
): { readonly seen: EngineJob[]; close(): Promise<void> } {
  const seen: EngineJob[] = [];
  const worker = engine.work({
    concurrency: 1,
    leaseMs: 5_000,
    maxStalls: 5,
    keepCompleted: { count: 1_000, ageMs: 3_600_000 },
    keepFailed: { count: 1_000, ageMs: 3_600_000 },
    onError: () => {},
    run: async (job) => {
      seen.push(job);
      return run(job);
    },
    ...options,
  });
  return { seen, close: () => worker.close({ signal: AbortSignal.timeout(5_000) }) };
}

/** Waits until a job stands so. */
export async function stands(engine: JobEngine, id: string, state: string): Promise<void> {
  await until(async () => (await engine.get(id))?.state === state, { timeoutMs: 20_000 });
}
