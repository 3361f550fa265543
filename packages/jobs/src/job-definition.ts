import type {
  EnqueueOptions,
  Job,
  JobDefinition,
  ScheduleOptions,
  StandardSchema,
  Duration,
} from "@infra/interfaces";
import { toMilliseconds } from "@infra/interfaces";

import { checkBackoff } from "./retry-wait.js";

/** The options of a definition, without what {@link defineJob} adds. */
export interface JobDefinitionOptions<Payload> extends Omit<
  JobDefinition<Payload>,
  "name" | "result"
> {
  /** Checks and types the payload, when a job is enqueued and again when it runs. */
  readonly schema?: StandardSchema<Payload> | undefined;
}

/**
 * Types a job: `defineJob("mail.send", { schema, attempts: 5 })`; the types are the schema's, or those that are named:
 * `defineJob<{ to: string }, number>("mail.send")`.
 *
 * @throws TypeError when it can't be a name; RangeError that names the option which can't be.
 */
export function defineJob<Payload = unknown, Result = unknown>(
  name: string,
  options: JobDefinitionOptions<Payload> = {},
): JobDefinition<Payload, Result> {
  if (typeof name !== "string" || !/^[\w.:/-]{1,200}$/.test(name)) {
    throw new TypeError(
      `defineJob: name must be 1 to 200 letters, digits and "._:/-", got ${JSON.stringify(name)}`,
    );
  }
  const { version = 1, upcast = {}, attempts = 1, backoff, timeout } = options;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new RangeError(
      `defineJob: version must be a whole number from 1, got ${String(version)}`,
    );
  }
  for (const from of Object.keys(upcast)) {
    if (Number(from) >= 1 && Number(from) < version) continue;
    throw new RangeError(`defineJob: upcast[${from}] leads beyond version ${version} of ${name}`);
  }
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new RangeError(
      `defineJob: attempts must be a whole number from 1, got ${String(attempts)}`,
    );
  }
  if (backoff) checkBackoff(backoff, "defineJob: backoff");
  if (timeout !== undefined) toMilliseconds(timeout, "defineJob: timeout");
  return Object.freeze({ ...options, name });
}

/** Options of `JobsService.enqueue`, beyond those of every job queue. */
export interface JobEnqueueOptions extends EnqueueOptions {
  /** At most one of the same `dedupeKey` is added in this time; the first of them runs. */
  readonly throttle?: Duration | undefined;
  /** It runs when none of the same `dedupeKey` has been added for this long; the last of them runs. */
  readonly debounce?: Duration | undefined;
  /** The id: unique, so that enqueueing again adds nothing. @default a new one */
  readonly id?: string | undefined;
}

/** What is done about slots that passed while no process ran. */
export type MissedRuns =
  /** One run for all of them. */
  | "once"
  /** None. */
  | "skip"
  /** One for each, 100 at the most. */
  | "all";

/** Options of `JobsService.schedule`, beyond those of every job queue. */
export interface JobScheduleOptions extends ScheduleOptions {
  /** @default "once" */
  readonly missed?: MissedRuns | undefined;
  /** Of each of its jobs. */
  readonly priority?: number | undefined;
  readonly tenantId?: string | undefined;
}

/** What a handler of a `JobsService` is given. */
export interface RunningJob<Payload = unknown> extends Job<Payload> {
  /** How often it is tried in all. */
  readonly attempts: number;
  readonly tenantId: string | undefined;
  /** The slot, in milliseconds since the epoch, when a schedule added it. */
  readonly scheduledForMs: number | undefined;
  /** Keeps a line with the job, for whoever looks at it later. */
  log(line: string): Promise<void>;
  /** The results of the jobs that had to be done before, by their ids. */
  children(): Promise<Readonly<Record<string, unknown>>>;
}

/** Does a job of a `JobsService`. */
export type RunningJobHandler<Payload, Result> = (
  job: RunningJob<Payload>,
) => Result | Promise<Result>;
