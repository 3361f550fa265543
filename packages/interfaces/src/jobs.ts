import type { Duration } from "./duration.js";
import type { Logger } from "./logger.js";
import type { StandardSchema } from "./standard-schema.js";

/** How long to wait before the next attempt. */
export interface JobBackoff {
  readonly kind: "fixed" | "exponential";
  readonly delay: Duration;
  /** The longest wait. */
  readonly max?: Duration | undefined;
  /** The share of a wait that is left to chance, 0 to 1. @default 0 */
  readonly jitter?: number | undefined;
}

/** A kind of job: its name, what it is given, and how it is run. */
export interface JobDefinition<Payload = unknown, Result = unknown> {
  /** Unique in the application, and stable: jobs that wait carry it. */
  readonly name: string;
  /** Checks and types the payload, when a job is enqueued and again when it runs. */
  readonly schema?: StandardSchema<Payload> | undefined;
  /** The version of the payload's shape. @default 1 */
  readonly version?: number | undefined;
  /** Brings a payload of an earlier version up by one: `upcast[1]` makes version 2 of version 1. */
  readonly upcast?: Readonly<Record<number, (payload: unknown) => unknown>> | undefined;
  /** How often it is tried in all. @default 1 */
  readonly attempts?: number | undefined;
  readonly backoff?: JobBackoff | undefined;
  /** How long one attempt may take; its signal is aborted then. @default no bound */
  readonly timeout?: Duration | undefined;
  /** Carries the type of the result; never set. */
  readonly result?: Result;
}

/** What the handler of a job is given. */
export interface Job<Payload = unknown> {
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborted when the attempt takes too long, the job is cancelled, or the worker must stop. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Tells how far it is: plain JSON. */
  progress(value: unknown): Promise<void>;
}

/** Does a job. What it throws is tried again, unless the error says `retryable: false`. */
export type JobHandler<Payload = unknown, Result = unknown> = (
  job: Job<Payload>,
) => Result | Promise<Result>;

/** Options of `JobQueue.enqueue`. */
export interface EnqueueOptions {
  /** When it may run at the earliest, from now. */
  readonly delay?: Duration | undefined;
  /** The higher, the sooner: from 0, the soonest, down to -10. @default 0 */
  readonly priority?: number | undefined;
  /** While a job with this key waits or runs, another of the same name is not added. */
  readonly dedupeKey?: string | undefined;
  readonly attempts?: number | undefined;
  readonly backoff?: JobBackoff | undefined;
  /** Whose it is, for fairness between tenants. */
  readonly tenantId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `JobQueue.schedule`: `cron` or `every`. */
export interface ScheduleOptions {
  /** Five or six fields. */
  readonly cron?: string | undefined;
  /** The zone of `cron`, as IANA names it. @default "UTC" */
  readonly timeZone?: string | undefined;
  readonly every?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Work to be done later, outside the request, once at least: a handler may see a job again after a crash. What was enqueued
 * survives the process on every engine but the one in memory. Inside an ambient transaction of the `Database` that the
 * jobs are kept in, a job is enqueued when it commits, and not if it rolls back.
 */
export interface JobQueue {
  /**
   * Adds a job and returns its id; with a `dedupeKey` that is taken, that of the job that has it.
   *
   * @throws ValidationError when the payload does not fit the schema.
   */
  enqueue<Payload>(
    definition: JobDefinition<Payload>,
    payload: NoInfer<Payload>,
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Runs a job again and again, once in all processes together. The same key again replaces the schedule. */
  schedule<Payload>(
    key: string,
    definition: JobDefinition<Payload>,
    payload: NoInfer<Payload>,
    options: ScheduleOptions,
  ): Promise<void>;
  /** Ends a schedule; idempotent. */
  unschedule(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Takes a job back, or aborts it when it runs; whether there was one to cancel. */
  cancel(id: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>;
}
