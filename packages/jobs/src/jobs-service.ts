import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type Clock,
  type Database,
  type Duration,
  type EngineCallOptions,
  type HealthReport,
  type IdGenerator,
  type Inject,
  type JobDefinition,
  type JobEngine,
  type JobEvent,
  type JobQueue,
  type Logger,
  type Managed,
  type StartContext,
  type StopContext,
  type Token,
} from "@infra/interfaces";
import { toMilliseconds } from "@infra/interfaces";
import { withTimeout } from "@infra/promises";

import { jobsConfig } from "./config.js";
import { EngineAccess, stopped } from "./engine-access.js";
import { JobAdmin } from "./job-admin.js";
import type { JobEnqueueOptions, JobScheduleOptions, RunningJobHandler } from "./job-definition.js";
import { newFlow, type FlowIds, type JobFlow } from "./job-flow.js";
import { jobIds } from "./job-ids.js";
import { JobMaker } from "./job-maker.js";
import { resolveOptions, type JobsOptions, type ResolvedOptions } from "./jobs-options.js";
import { newCounts, type JobsStats } from "./jobs-stats.js";
import { JobsWork, workOf } from "./jobs-work.js";
import { makeEngine } from "./open-engine.js";
import { nextSlot } from "./schedule-slots.js";
import { scheduleSpec } from "./schedule-spec.js";

/** Collaborators of {@link JobsService}. */
export interface JobsDependencies {
  /** What the URL `database:` stands for; inside its transactions jobs are enqueued when they commit. */
  readonly database?: Database | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Where the ids of jobs come from that are enqueued without one. @default such as sort by time */
  readonly ids?: IdGenerator | undefined;
  /** A number from 0 to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
}

/** What {@link JobsService.enqueueMany} is given of each job. */
export interface ManyJob<Payload> extends Omit<JobEnqueueOptions, "signal"> {
  readonly payload: Payload;
}

/**
 * One queue of jobs, and in this process its worker and its scheduler: name the definitions' handlers with
 * {@link JobsService.handle}, then `start()`. Enqueues without having been started.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class JobsService implements JobQueue, Managed {
  static readonly provides: Token<JobQueue> = tokens.jobs;
  static readonly inject: Inject<typeof JobsService> = {
    options: section(jobsConfig),
    database: optional(tokens.database),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
    ids: optional(tokens.idGenerator),
  };

  /** Looks at what is kept: jobs, dead letters, schedules. */
  readonly admin: JobAdmin;
  /** What keeps the jobs. */
  readonly engine: JobEngine;
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maker: JobMaker;
  readonly #counts = newCounts();
  readonly #access: EngineAccess;
  readonly #work: JobsWork;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: JobsOptions = {}, deps: JobsDependencies = {}) {
    this.#options = resolveOptions(options);
    const { clock = systemClock, random = Math.random, database, ids } = deps;
    const logger = (deps.logger ?? silentLogger).child({ category: "jobs" });
    this.#clock = clock;
    this.#maker = new JobMaker(this.#options, ids ?? jobIds(clock));
    const onError = (error: Error): void => {
      this.#counts.engineErrors += 1;
      logger.debug("the job engine", { error });
    };
    this.engine = makeEngine(this.#options, { database, clock, onError });
    this.#access = new EngineAccess(this.engine, this.#options, clock);
    this.#work = new JobsWork({
      engine: this.engine,
      options: this.#options,
      maker: this.#maker,
      counts: this.#counts,
      clock,
      logger,
      random,
      onError,
    });
    workOf.set(this, this.#work);
    this.admin = new JobAdmin((operation, work, signal) =>
      this.#access.call(operation, work, signal),
    );
    this.#logger = logger;
  }

  /** What does the jobs of a definition in this process; before or after `start()`. @throws Error when it has one. */
  handle<Payload, Result>(
    definition: JobDefinition<Payload, Result>,
    handler: RunningJobHandler<Payload, Result>,
  ): this {
    this.#work.register({
      definition: definition,
      handler: handler as RunningJobHandler<unknown, unknown>,
    });
    return this;
  }

  /**
   * Connects, and begins to run jobs and to follow schedules, unless `work` is false.
   *
   * @throws JobsEngineError (`ERR_JOBS_ENGINE`) when the engine does not answer within `startTimeout`. PeerMissingError
   * (`ERR_PEER_MISSING`) when the URL needs a package that is not installed.
   */
  start({ signal }: StartContext = {}): Promise<void> {
    if (this.#stopping) return Promise.reject(stopped());
    this.#starting ??= this.#start(signal).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    await this.#access.open(signal);
    if (this.#options.work && !this.#stopping) await this.#work.start();
  }

  /**
   * Takes no more jobs, lets those that run end until the signal aborts (`stopTimeout` without one), then aborts them:
   * they go back and are run elsewhere. Always ends, also with the engine gone.
   */
  stop({ signal }: StopContext = {}): Promise<void> {
    this.#access.end();
    return (this.#stopping ??= this.#work.stop(signal));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async health(): Promise<HealthReport> {
    if (this.#stopping) return { status: "down", message: "the jobs have been stopped" };
    const { running, failed } = this.#counts;
    const details = { engine: this.engine.name, running, failed };
    try {
      await withTimeout(({ signal }) => this.engine.ping({ signal }), {
        timeout: Math.min(2_000, this.#options.callTimeoutMs),
        name: "the job engine",
      });
      return { status: "up", details };
    } catch (error) {
      return { status: "down", message: (error as Error).message, details };
    }
  }

  stats(): JobsStats {
    return { ...this.#counts };
  }

  /**
   * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`) when the payload does not fit.
   * @throws JobsEngineError (`ERR_JOBS_ENGINE`) when the engine does not answer within `callTimeout`: enqueue it again with
   * the same `id`, and it is there once.
   */
  async enqueue<Payload>(
    definition: JobDefinition<Payload>,
    payload: NoInfer<Payload>,
    options: JobEnqueueOptions = {},
  ): Promise<string> {
    const made = this.#maker.make(definition, payload, options);
    const job = made instanceof Promise ? await made : made;
    const { signal } = options;
    const work = (engine: JobEngine, inner: AbortSignal | undefined): Promise<readonly string[]> =>
      engine.add([job], inner && { signal: inner });
    const [id] = await this.#access.call("enqueue", work, signal, true);
    this.#counts.enqueued += 1;
    return id!;
  }

  /** Adds many jobs of a kind in one go, all or none; their ids in order. */
  async enqueueMany<Payload>(
    definition: JobDefinition<Payload>,
    jobs: readonly ManyJob<NoInfer<Payload>>[],
    { signal }: EngineCallOptions = {},
  ): Promise<readonly string[]> {
    const made = await Promise.all(
      jobs.map(async (job) => this.#maker.make(definition as JobDefinition, job.payload, job)),
    );
    const ids = await this.#access.call(
      "enqueueMany",
      (engine, inner) => engine.add(made, { signal: inner }),
      signal,
      true,
    );
    this.#counts.enqueued += ids.length;
    return ids;
  }

  /** Adds a job and those that have to be done before; their ids, in the same shape. */
  async enqueueFlow(flow: JobFlow, { signal }: EngineCallOptions = {}): Promise<FlowIds> {
    const { made, ids, count } = await newFlow(flow, this.#maker);
    await this.#access.call(
      "enqueueFlow",
      (engine, inner) => engine.addFlow(made, { signal: inner }),
      signal,
    );
    this.#counts.enqueued += count;
    return ids;
  }

  /**
   * @throws InvalidPayloadError (`ERR_JOBS_PAYLOAD`) when the payload does not fit.
   * @throws RangeError when `cron`, `timeZone` or `every` can't be read.
   */
  async schedule<Payload>(
    key: string,
    definition: JobDefinition<Payload>,
    payload: NoInfer<Payload>,
    options: JobScheduleOptions,
  ): Promise<void> {
    const spec = await scheduleSpec(key, definition, payload, options, this.#options);
    const nextMs = nextSlot(spec.rule, this.#clock.now());
    const schedule = { key, spec: JSON.stringify(spec), nextMs };
    await this.#access.call(
      "schedule",
      (engine, inner) => engine.putSchedule(schedule, { signal: inner }),
      options.signal,
      true,
    );
    this.#work.schedulesChanged();
  }

  async unschedule(key: string, { signal }: EngineCallOptions = {}): Promise<void> {
    const work = (engine: JobEngine, inner: AbortSignal | undefined): Promise<boolean> =>
      engine.removeSchedule(key, { signal: inner });
    await this.#access.call("unschedule", work, signal, true);
  }

  async cancel(id: string, { signal }: EngineCallOptions = {}): Promise<boolean> {
    if (this.#work.cancel(id)) return true;
    return this.#access.call(
      "cancel",
      async (engine, inner) => {
        if (await engine.remove(id, { signal: inner })) return true;
        const job = await engine.get(id, { signal: inner });
        if (job?.state !== "active") return false;
        await engine.sendCancel(id, { signal: inner });
        return true;
      },
      signal,
    );
  }

  /**
   * Waits until a job is done; what its handler returned.
   *
   * @throws JobFailedError (`ERR_JOBS_FAILED`) when it has failed for good.
   * @throws UnknownJobError (`ERR_JOBS_UNKNOWN`) when there is no such job (any more).
   * @throws JobsEngineError (`ERR_JOBS_ENGINE`) when the engine does not answer for `callTimeout`.
   * @throws JobsStoppedError (`ERR_JOBS_STOPPED`) when `stop()` comes first.
   * @throws TimedOutError (`ERR_PROMISES_TIMEOUT`) after `timeout`.
   */
  async result<Result = unknown>(
    id: string,
    options: { readonly timeout?: Duration | undefined } & EngineCallOptions = {},
  ): Promise<Result> {
    const { timeout = Infinity, signal } = options;
    if (this.#stopping) throw stopped();
    const wait = async (link: { readonly signal: AbortSignal }): Promise<unknown> => {
      await this.#access.open(link.signal);
      return this.#work.results.result(id, link.signal);
    };
    return (await withTimeout(wait, {
      timeout: toMilliseconds(timeout, "timeout"),
      name: `the job ${id}`,
      clock: this.#clock,
      signal,
    })) as Result;
  }

  /**
   * Calls back at what happens to the jobs, in whatever process; resolves to what ends that. What the callback throws is
   * logged, and changes nothing.
   */
  subscribe(listener: (event: JobEvent) => void): Promise<() => Promise<void>> {
    const undisturbed = (event: JobEvent): void => {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error("a listener of job events threw", { error });
      }
    };
    return this.#access.call("subscribe", (engine) => engine.subscribe(undisturbed), undefined);
  }
}
