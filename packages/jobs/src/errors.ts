import {
  ConflictError,
  defineErrors,
  InternalError,
  NotFoundError,
  shape,
  TimeoutError,
  UnavailableError,
  ValidationError,
} from "@infra/errors";

/** The errors of this package. */
export const jobsErrors = defineErrors({
  InvalidPayloadError: {
    code: "ERR_JOBS_PAYLOAD",
    when: "A payload does not fit the schema of its job, is too large, or is no plain JSON; or a result is none.",
    extends: ValidationError,
  },
  UnknownJobError: {
    code: "ERR_JOBS_UNKNOWN",
    when: "There is no job with this id (any more).",
    extends: NotFoundError,
    details: shape<{ readonly id: string }>(),
  },
  JobTimeoutError: {
    code: "ERR_JOBS_TIMEOUT",
    when: "An attempt took longer than the job's `timeout`.",
    extends: TimeoutError,
    details: shape<{ readonly name: string; readonly timeoutMs: number }>(),
  },
  JobCancelledError: {
    code: "ERR_JOBS_CANCELLED",
    when: "The job was cancelled while it ran.",
    extends: ConflictError,
    details: shape<{ readonly id: string }>(),
  },
  JobFailedError: {
    code: "ERR_JOBS_FAILED",
    when: "The job whose result was waited for has failed for good.",
    extends: InternalError,
    details: shape<{ readonly id: string }>(),
  },
  SandboxError: {
    code: "ERR_JOBS_SANDBOX",
    when: "The process of a sandboxed job ended before the job did: it exited, crashed, or had no memory left.",
    extends: InternalError,
    details: shape<{ readonly exitCode?: number; readonly signal?: string }>(),
  },
  JobsEngineError: {
    code: "ERR_JOBS_ENGINE",
    when: "The engine failed, or did not answer within `callTimeout`: what was asked may or may not have been done.",
    extends: UnavailableError,
    details: shape<{ readonly operation: string }>(),
  },
  JobsStoppedError: {
    code: "ERR_JOBS_STOPPED",
    when: "The service was used after `stop()`; also what the signal of a job is aborted with when it must stop.",
    extends: UnavailableError,
  },
  JobsUnsupportedError: {
    code: "ERR_JOBS_UNSUPPORTED",
    when: "The engine can't do what it was asked, such as show the dashboard of what is in memory.",
    extends: InternalError,
  },
});

/** A payload does not fit; `details.issues` says where. */
export const InvalidPayloadError = jobsErrors.classes.InvalidPayloadError;
export type InvalidPayloadError = InstanceType<typeof InvalidPayloadError>;

/** There is no such job. */
export const UnknownJobError = jobsErrors.classes.UnknownJobError;
export type UnknownJobError = InstanceType<typeof UnknownJobError>;

/** An attempt took longer than it may. */
export const JobTimeoutError = jobsErrors.classes.JobTimeoutError;
export type JobTimeoutError = InstanceType<typeof JobTimeoutError>;

/** The job was cancelled while it ran. */
export const JobCancelledError = jobsErrors.classes.JobCancelledError;
export type JobCancelledError = InstanceType<typeof JobCancelledError>;

/** The job has failed for good. */
export const JobFailedError = jobsErrors.classes.JobFailedError;
export type JobFailedError = InstanceType<typeof JobFailedError>;

/** The process of a sandboxed job ended early. */
export const SandboxError = jobsErrors.classes.SandboxError;
export type SandboxError = InstanceType<typeof SandboxError>;

/** The engine can't be reached, or does not answer. */
export const JobsEngineError = jobsErrors.classes.JobsEngineError;
export type JobsEngineError = InstanceType<typeof JobsEngineError>;

/** The service has been stopped. */
export const JobsStoppedError = jobsErrors.classes.JobsStoppedError;
export type JobsStoppedError = InstanceType<typeof JobsStoppedError>;

/** The engine can't do this. */
export const JobsUnsupportedError = jobsErrors.classes.JobsUnsupportedError;
export type JobsUnsupportedError = InstanceType<typeof JobsUnsupportedError>;
