/** What a `JobsService` has counted since it was made, in this process. */
export interface JobsStats {
  /** Jobs that were handed to the engine. */
  readonly enqueued: number;
  /** Attempts that began. */
  readonly started: number;
  readonly completed: number;
  /** Attempts that failed and are tried again. */
  readonly retried: number;
  /** Jobs that failed for good. */
  readonly failed: number;
  readonly timedOut: number;
  readonly cancelled: number;
  /** Jobs that went back because the service stopped. */
  readonly returned: number;
  /** Jobs that run now. */
  readonly running: number;
  /** Time spent in handlers, of attempts that ended. */
  readonly runMs: number;
  /** Slots of schedules that this process dealt with. */
  readonly scheduled: number;
  /** Errors of the engine beside the calls. */
  readonly engineErrors: number;
}

/** The counts while they grow. */
export type JobsCounts = { -readonly [Name in keyof JobsStats]: JobsStats[Name] };

/** All at nothing. */
export function newCounts(): JobsCounts {
  return {
    enqueued: 0,
    started: 0,
    completed: 0,
    retried: 0,
    failed: 0,
    timedOut: 0,
    cancelled: 0,
    returned: 0,
    running: 0,
    runMs: 0,
    scheduled: 0,
    engineErrors: 0,
  };
}
