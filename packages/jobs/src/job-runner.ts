import { toError } from "@infra/errors";
import {
  toMilliseconds,
  type Clock,
  type EngineJob,
  type JobDefinition,
  type JobOutcome,
  type Logger,
} from "@infra/interfaces";
import { deferred, isRetryable, retryAfterMsOf, type Deferred } from "@infra/promises";

import { Attempt } from "./attempt.js";
import { AttemptedJob } from "./attempted-job.js";
import { JobCancelledError, JobsStoppedError, JobTimeoutError } from "./errors.js";
import type { RunningJob } from "./job-definition.js";
import { checkResult, openEnvelope, type JobEnvelope } from "./job-envelope.js";
import type { JobsCounts } from "./jobs-stats.js";
import { retryWaitMs } from "./retry-wait.js";

/** A definition with what does its jobs. */
export interface Registration {
  readonly definition: JobDefinition;
  readonly handler: (job: RunningJob) => unknown;
}

/** Collaborators of {@link JobRunner}. */
export interface JobRunnerContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly counts: JobsCounts;
  readonly abortGraceMs: number;
  readonly registrations: ReadonlyMap<string, Registration>;
}

/** What this process can't run another release may know: it waits, and the attempt does not count. */
class PutBack extends Error {}

const putBackMs = 5_000;

/** Runs jobs by their handlers: opens the payload, bounds the time, and says how each attempt ended. */
export class JobRunner {
  readonly #context: JobRunnerContext;
  /** By attempt: a job that has lost its lease may be here twice. */
  readonly #running = new Map<Attempt, string>();
  #idle: Deferred<void> | undefined;

  constructor(context: JobRunnerContext) {
    this.#context = context;
  }

  /** Aborts a job that runs here. */
  cancel(id: string): boolean {
    const attempts = [...this.#running].filter(([, running]) => running === id);
    for (const [attempt] of attempts) {
      attempt.abort(
        new JobCancelledError(`the job ${id} was cancelled`, { details: { id }, retryable: false }),
      );
    }
    return attempts.length > 0;
  }

  /** Aborts everything that runs: it goes back to where it came from. */
  abortAll(): void {
    for (const each of this.#running.keys()) {
      each.abort(new JobsStoppedError("the process stops: the job is run again elsewhere"));
    }
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.#running.size > 0) await (this.#idle ??= deferred()).promise;
  }

  /** Never rejects. */
  async run(job: EngineJob): Promise<JobOutcome> {
    const { counts, clock } = this.#context;
    const attempt = new Attempt(this.#context);
    const startedAtMs = clock.monotonic();
    this.#running.set(attempt, job.id);
    counts.started += 1;
    counts.running += 1;
    try {
      const result = await this.#attempt(job, attempt);
      counts.completed += 1;
      return { kind: "completed", result };
    } catch (thrown) {
      return this.#failure(job, thrown, attempt.reason);
    } finally {
      counts.running -= 1;
      counts.runMs += clock.monotonic() - startedAtMs;
      this.#running.delete(attempt);
      if (this.#running.size === 0) {
        this.#idle?.resolve();
        this.#idle = undefined;
      }
    }
  }

  async #attempt(job: EngineJob, attempt: Attempt): Promise<unknown> {
    const { registrations } = this.#context;
    const registration = registrations.get(job.name);
    if (!registration) throw new PutBack(`nothing here handles jobs of the name ${job.name}`);
    const { definition, handler } = registration;
    const envelope = job.data as JobEnvelope;
    const { version = 1 } = definition;
    if ((envelope.version ?? 1) > version) {
      throw new PutBack(
        `a job ${job.name} has a payload of version ${envelope.version}; this process knows ${version}`,
      );
    }
    const opened = openEnvelope(definition, envelope);
    const payload = opened instanceof Promise ? await opened : opened;
    const { timeout } = definition;
    if (timeout !== undefined) attempt.timeout(job.name, toMilliseconds(timeout, "timeout"));
    const given = new AttemptedJob(job, { payload, attempt, logger: this.#context.logger });
    return checkResult(job.name, await attempt.run(() => handler(given)));
  }

  #failure(job: EngineJob, thrown: unknown, reason: unknown): JobOutcome {
    const { counts, logger, random } = this.#context;
    if (JobsStoppedError.is(reason)) {
      counts.returned += 1;
      return { kind: "returned", afterMs: 0 };
    }
    if (thrown instanceof PutBack) {
      counts.returned += 1;
      logger.warn(`${thrown.message}: it waits`, { job: job.id, name: job.name });
      return { kind: "returned", afterMs: putBackMs };
    }
    // whatever a handler makes of its signal: that it was aborted is what happened
    const error = toError(reason ?? thrown);
    if (JobTimeoutError.is(error)) counts.timedOut += 1;
    if (JobCancelledError.is(error)) counts.cancelled += 1;
    const final = !isRetryable(error) || job.attempt >= job.attempts;
    const { backoff } = job.data as JobEnvelope;
    const own = this.#context.registrations.get(job.name)?.definition.backoff;
    const retryInMs = final
      ? 0
      : Math.max(retryWaitMs(backoff ?? own, job.attempt, random), retryAfterMsOf(error) ?? 0);
    counts[final ? "failed" : "retried"] += 1;
    logger[final ? "error" : "warn"](
      final ? "a job has failed for good" : "a job failed and is tried again",
      { job: job.id, name: job.name, attempt: job.attempt, error, ...(!final && { retryInMs }) },
    );
    return { kind: "failed", error, final, retryInMs };
  }
}
