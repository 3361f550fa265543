import {
  toMilliseconds,
  type Duration,
  type EngineCallOptions,
  type JobEngine,
  type JobSnapshot,
  type JobState,
} from "@infra/interfaces";

import { InvalidPayloadError } from "./errors.js";
import type { MissedRuns } from "./job-definition.js";
import { unpackPayload, type JobEnvelope } from "./job-envelope.js";
import type { ScheduleSpec } from "./scheduler.js";

/** A job as it is kept. */
export interface JobInfo extends Omit<JobSnapshot, "data"> {
  readonly payload: unknown;
  /** The version of the payload. */
  readonly version: number;
  readonly tenantId?: string | undefined;
}

/** A schedule as it stands. */
export interface ScheduleInfo {
  readonly key: string;
  /** The name of its jobs. */
  readonly name: string;
  readonly payload: unknown;
  readonly cron?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly everyMs?: number | undefined;
  readonly missed: MissedRuns;
  /** Milliseconds since the epoch. */
  readonly nextMs: number;
}

/** Which part of a list is wanted. */
export interface JobListOptions extends EngineCallOptions {
  /** @default 0 */
  readonly offset?: number | undefined;
  /** @default 100 */
  readonly limit?: number | undefined;
}

/** Asks the engine, within the time that a call may take. */
export type Ask = <T>(
  operation: string,
  work: (engine: JobEngine, signal: AbortSignal | undefined) => Promise<T>,
  signal: AbortSignal | undefined,
) => Promise<T>;

const mostListed = 1_000;

/** Looks at what is kept of the jobs, and puts it right. */
export class JobAdmin {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** A job as it stands; `undefined` when there is none (any more). */
  async get(id: string, { signal }: EngineCallOptions = {}): Promise<JobInfo | undefined> {
    const job = await this.#ask(
      "get",
      (engine, inner) => engine.get(id, { signal: inner }),
      signal,
    );
    return job && infoOf(job);
  }

  /** Jobs in a state: the newest first of those that are finished, else the next to run first. */
  async list(state: JobState, options: JobListOptions = {}): Promise<readonly JobInfo[]> {
    const { offset = 0, limit = 100, signal } = options;
    checkRange("offset", offset, 0, Infinity);
    checkRange("limit", limit, 1, mostListed);
    const jobs = await this.#ask(
      "list",
      (engine, inner) => engine.list(state, { offset, limit, signal: inner }),
      signal,
    );
    return jobs.map((job) => infoOf(job));
  }

  /** How many jobs there are in each state, of all processes. */
  counts({ signal }: EngineCallOptions = {}): Promise<Readonly<Record<JobState, number>>> {
    return this.#ask("counts", (engine, inner) => engine.counts({ signal: inner }), signal);
  }

  /** What the handler of a job has logged. */
  logs(id: string, { signal }: EngineCallOptions = {}): Promise<readonly string[]> {
    return this.#ask("logs", (engine, inner) => engine.logs(id, { signal: inner }), signal);
  }

  /** Jobs that failed for good, the newest first. */
  deadLetters(options: JobListOptions = {}): Promise<readonly JobInfo[]> {
    return this.list("failed", options);
  }

  /** Gives a dead letter all its attempts again; whether there was one of that id. */
  redrive(id: string, { signal }: EngineCallOptions = {}): Promise<boolean> {
    return this.#ask("redrive", (engine, inner) => engine.redrive(id, { signal: inner }), signal);
  }

  /** Redrives the dead letters that there are, of one name where one is given; how many. */
  async redriveAll({ name, signal }: { readonly name?: string } & EngineCallOptions = {}) {
    // all of them first: what fails again meanwhile is not redriven again, and it ends
    const wanted = new Set<string>();
    for (let offset = 0; ; offset += mostListed) {
      const letters = await this.list("failed", { offset, limit: mostListed, signal });
      for (const each of letters) if (name === undefined || each.name === name) wanted.add(each.id);
      if (letters.length < mostListed) break;
    }
    let redriven = 0;
    for (const id of wanted) if (await this.redrive(id, { signal })) redriven += 1;
    return redriven;
  }

  /** Removes jobs that finished longer ago, up to 10,000 of them; how many. @throws RangeError */
  async clean(
    state: "completed" | "failed",
    { olderThan, signal }: { readonly olderThan: Duration } & EngineCallOptions,
  ): Promise<number> {
    const olderThanMs = toMilliseconds(olderThan, "olderThan");
    const work = (engine: JobEngine, inner: AbortSignal | undefined): Promise<number> =>
      engine.clean(state, { olderThanMs, limit: 10_000, signal: inner });
    return this.#ask("clean", work, signal);
  }

  /** The schedules, by key. */
  async schedules({ signal }: EngineCallOptions = {}): Promise<readonly ScheduleInfo[]> {
    const stored = await this.#ask(
      "schedules",
      (engine, inner) => engine.schedules({ signal: inner }),
      signal,
    );
    return stored
      .map(({ key, spec, nextMs }) => {
        const { rule, missed, name, payload } = JSON.parse(spec) as ScheduleSpec;
        const { cron, timeZone, everyMs } = rule;
        const when = cron === undefined ? { everyMs } : { cron, timeZone };
        return Object.assign(when, { key, name, payload, missed, nextMs });
      })
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }
}

function infoOf({ data, ...rest }: JobSnapshot): JobInfo {
  if (typeof data !== "object" || data === null) {
    throw new InvalidPayloadError(`the job ${rest.id} was not enqueued by this package`);
  }
  const envelope = data as JobEnvelope;
  const { version = 1, tenantId } = envelope;
  const payload = unpackPayload(envelope);
  return { ...rest, payload, version, ...(tenantId !== undefined && { tenantId }) };
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const upTo = most === Infinity ? "" : ` to ${most}`;
  throw new RangeError(`${name} must be a whole number from ${least}${upTo}, got ${String(value)}`);
}
