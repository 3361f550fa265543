export { jobsConfig } from "./config.js";
export {
  InvalidPayloadError,
  JobCancelledError,
  JobFailedError,
  JobsEngineError,
  jobsErrors,
  JobsStoppedError,
  JobsUnsupportedError,
  JobTimeoutError,
  SandboxError,
  UnknownJobError,
} from "./errors.js";
export type { JobAdmin, JobInfo, JobListOptions, ScheduleInfo } from "./job-admin.js";
export {
  defineJob,
  type JobDefinitionOptions,
  type JobEnqueueOptions,
  type JobScheduleOptions,
  type MissedRuns,
  type RunningJob,
  type RunningJobHandler,
} from "./job-definition.js";
export type { FlowIds, JobFlow } from "./job-flow.js";
export type { JobsOptions } from "./jobs-options.js";
export { JobsService, type JobsDependencies, type ManyJob } from "./jobs-service.js";
export type { JobsStats } from "./jobs-stats.js";
export { sandboxed, type SandboxedJob, type SandboxOptions } from "./sandboxed.js";
