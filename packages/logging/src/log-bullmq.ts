import type { Logger } from "@infra/interfaces";

import { listenTo, type EventSource } from "./event-source.js";

interface JobLike {
  readonly id?: string | undefined;
  readonly name?: string;
  readonly queueName?: string;
  readonly attemptsMade?: number;
}

/**
 * Logs what happens in a `Worker` or a `Queue` of bullmq, in the category `bullmq`: errors and failed jobs as such,
 * stalled jobs as warnings, the others for `debug`. What jobs carry and return is not logged. A worker without a listener
 * for `error` ends the process.
 *
 * @returns ends it.
 */
export function logBullmq(source: EventSource, logger: Logger): () => void {
  const own = logger.child({ category: "bullmq" });
  return listenTo(source, {
    error: (error: Error) => own.error("bullmq failed", { error }),
    failed: (job: JobLike | undefined, error: Error) =>
      own.error("job failed", { ...jobFields(job), error }),
    stalled: (jobId: string) => own.warn("job stalled", { jobId }),
    active: (job: JobLike) => own.debug("job began", jobFields(job)),
    completed: (job: JobLike) => own.debug("job done", jobFields(job)),
    closed: () => own.debug("bullmq closed"),
  });
}

function jobFields(job: JobLike | undefined): Readonly<Record<string, unknown>> {
  return {
    jobId: job?.id,
    job: job?.name,
    queue: job?.queueName,
    attempts: job?.attemptsMade,
  };
}
