import { Secret, toBytes, toMilliseconds } from "@infra/interfaces";
import type { ByteSize, Duration, JobEngine } from "@infra/interfaces";

import { jobsConfig } from "./config.js";
import { parseJobsUrl, type JobsUrl } from "./jobs-url.js";

/** Options of `JobsService`. */
export interface JobsOptions {
  /**
   * Where jobs are kept: `redis://host:6379`, `postgres://user:password@host:5432/name`, `pglite:./directory`, `database:`
   * (the bound Database), or `memory:`.
   *
   * @default redisUrl, else "database:" where there is a database, else "memory:"
   */
  readonly url?: string | Secret | undefined;
  /** What is used when `url` is unset. */
  readonly redisUrl?: string | Secret | undefined;
  /** An engine of one's own, in place of the URL's. */
  readonly engine?: JobEngine | undefined;
  /** Processes that name the same queue share its jobs. @default "jobs" */
  readonly queue?: string | undefined;
  /** What all keys in Redis begin with. @default "bull" */
  readonly prefix?: string | undefined;
  /** Whether this process runs jobs, or only enqueues them. @default true */
  readonly work?: boolean | undefined;
  /** Jobs that this process runs at once. @default 10 */
  readonly concurrency?: number | undefined;
  /** Jobs that all processes together may begin per `rateLimitDuration`. @default any number */
  readonly rateLimitMax?: number | undefined;
  /** @default "1s" */
  readonly rateLimitDuration?: Duration | undefined;
  /** How long a job is its worker's without a sign of life. @default "6s" */
  readonly lease?: Duration | undefined;
  /** How often a job may lose its worker before it is a dead letter. @default 10 */
  readonly maxStalls?: number | undefined;
  /** How often a job is tried, unless its definition says otherwise. @default 1 */
  readonly attempts?: number | undefined;
  /** Jobs that were done are kept, at the most. @default 1000 */
  readonly keepCompleted?: number | undefined;
  /** @default "1d" */
  readonly keepCompletedFor?: Duration | undefined;
  /** Dead letters are kept, at the most. @default 10000 */
  readonly keepFailed?: number | undefined;
  /** @default "30d" */
  readonly keepFailedFor?: Duration | undefined;
  /** What a payload may take as JSON. @default "1mb" */
  readonly maxPayloadBytes?: ByteSize | undefined;
  /** How long to wait for the engine at the start. @default "30s" */
  readonly startTimeout?: Duration | undefined;
  /** How long a call may wait for the engine. @default "10s" */
  readonly callTimeout?: Duration | undefined;
  /** How long `stop()` waits for what runs when it is given no signal. @default "10s" */
  readonly stopTimeout?: Duration | undefined;
  /** How long a handler may go on after its signal was aborted, before it is given up. @default "2s" */
  readonly abortGrace?: Duration | undefined;
}

/** The options with defaults, checked. */
export interface ResolvedOptions {
  readonly url: JobsUrl | undefined;
  readonly engine: JobEngine | undefined;
  readonly queue: string;
  readonly prefix: string;
  readonly work: boolean;
  readonly concurrency: number;
  readonly rateLimit: { readonly max: number; readonly durationMs: number } | undefined;
  readonly leaseMs: number;
  readonly maxStalls: number;
  readonly attempts: number;
  readonly keepCompleted: { readonly count: number; readonly ageMs: number };
  readonly keepFailed: { readonly count: number; readonly ageMs: number };
  readonly maxPayloadBytes: number;
  readonly startTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly abortGraceMs: number;
}

/** @throws RangeError that names the option, what it was, and what it should be. */
export function resolveOptions(options: JobsOptions): ResolvedOptions {
  const defaults = jobsConfig.defaults();
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as JobsOptions;
  const all = { ...defaults, ...given } as typeof defaults & {
    [K in keyof JobsOptions]-?: NonNullable<JobsOptions[K]>;
  };
  const url = given.url ?? given.redisUrl;
  const whole = (name: keyof typeof all, least: number): number => {
    const value: unknown = all[name];
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    throw new RangeError(
      `${name} must be a whole number from ${least}, got ${typeof value === "number" ? value : JSON.stringify(value)}`,
    );
  };
  const duration = (name: keyof typeof all, leastMs = 0): number => {
    const ms = toMilliseconds(all[name] as Duration, name);
    if (ms >= leastMs) return ms;
    throw new RangeError(`${name} must be at least ${leastMs} ms, got ${ms}`);
  };
  return Object.freeze({
    url: url === undefined ? undefined : parseJobsUrl(Secret.reveal(url)),
    engine: given.engine,
    queue: all.queue,
    prefix: all.prefix,
    work: all.work,
    concurrency: whole("concurrency", 1),
    rateLimit:
      given.rateLimitMax === undefined
        ? undefined
        : { max: whole("rateLimitMax", 1), durationMs: duration("rateLimitDuration", 1) },
    leaseMs: duration("lease", 500),
    maxStalls: whole("maxStalls", 0),
    attempts: whole("attempts", 1),
    keepCompleted: { count: whole("keepCompleted", 0), ageMs: duration("keepCompletedFor") },
    keepFailed: { count: whole("keepFailed", 0), ageMs: duration("keepFailedFor") },
    maxPayloadBytes: toBytes(all.maxPayloadBytes, "maxPayloadBytes"),
    startTimeoutMs: duration("startTimeout", 1),
    callTimeoutMs: duration("callTimeout", 1),
    stopTimeoutMs: duration("stopTimeout"),
    abortGraceMs: duration("abortGrace"),
  });
}
