import { defineSection } from "@infra/interfaces";

/** The configuration of the jobs: the section `jobs`. */
export const jobsConfig = defineSection("jobs", {
  url: {
    doc: "Where jobs are kept: redis://host:6379, postgres://user:password@host:5432/name, pglite:./directory, database: (the bound Database), or memory: for the life of the process. Unset: what REDIS_URL says, else the bound Database, else memory.",
    format: "string",
    env: "JOBS_URL",
    sensitive: true,
  },
  redisUrl: {
    doc: "The Redis that is used when JOBS_URL is unset.",
    format: "string",
    env: "REDIS_URL",
    sensitive: true,
  },
  queue: {
    doc: "The name of the queue: processes that name the same one share its jobs.",
    format: "string",
    default: "jobs",
    env: "JOBS_QUEUE",
  },
  prefix: {
    doc: "What all keys in Redis begin with.",
    format: "string",
    default: "bull",
    env: "JOBS_PREFIX",
  },
  work: {
    doc: "Whether this process runs jobs, or only enqueues them.",
    format: "boolean",
    default: true,
    env: "JOBS_WORK",
  },
  concurrency: {
    doc: "Jobs that this process runs at once.",
    format: "integer",
    default: 10,
    env: "JOBS_CONCURRENCY",
  },
  rateLimitMax: {
    doc: "Jobs that all processes together may begin per `rateLimitDuration`. Unset: any number.",
    format: "integer",
  },
  rateLimitDuration: {
    doc: "The time that `rateLimitMax` is counted over.",
    format: "duration",
    default: "1s",
  },
  lease: {
    doc: "How long a job is its worker's without a sign of life: after a crash its jobs wait so long, and up to a third more.",
    format: "duration",
    default: "6s",
  },
  maxStalls: {
    doc: "How often a job may lose its worker before it is a dead letter.",
    format: "integer",
    default: 10,
  },
  attempts: {
    doc: "How often a job is tried, unless its definition says otherwise.",
    format: "integer",
    default: 1,
  },
  keepCompleted: {
    doc: "Jobs that were done are kept, at the most.",
    format: "integer",
    default: 1_000,
  },
  keepCompletedFor: {
    doc: "How long a job that was done is kept.",
    format: "duration",
    default: "1d",
  },
  keepFailed: {
    doc: "Dead letters are kept, at the most.",
    format: "integer",
    default: 10_000,
  },
  keepFailedFor: {
    doc: "How long a dead letter is kept.",
    format: "duration",
    default: "30d",
  },
  maxPayloadBytes: {
    doc: "What a payload may take as JSON.",
    format: "bytes",
    default: "1mb",
  },
  startTimeout: {
    doc: "How long to wait for the engine at the start.",
    format: "duration",
    default: "30s",
  },
  callTimeout: {
    doc: "How long a call may wait for the engine.",
    format: "duration",
    default: "10s",
  },
  stopTimeout: {
    doc: "How long stop() waits for what runs when it is given no signal.",
    format: "duration",
    default: "10s",
  },
  abortGrace: {
    doc: "How long a handler may go on after its signal was aborted, before it is given up.",
    format: "duration",
    default: "2s",
  },
});
