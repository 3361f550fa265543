/** Where a job stands. */
export type JobState =
  | "waiting"
  | "delayed"
  | "active"
  | "waiting-children"
  | "completed"
  /** Tried for the last time: a dead letter. */
  | "failed";

/** How many finished jobs are kept, and for how long; the older go first. */
export interface JobRetention {
  readonly count: number;
  readonly ageMs: number;
}

/** A job as an engine is given it. */
export interface NewJob {
  /** Unique. Adding an id that is there already adds nothing. */
  readonly id: string;
  readonly name: string;
  /** Plain JSON, without U+0000, which PostgreSQL can't keep. */
  readonly data: unknown;
  /** When it may run at the earliest, from now. */
  readonly delayMs: number;
  /** A whole number from 0 to -10: the higher, the sooner. */
  readonly priority: number;
  /** How often it is tried in all. */
  readonly attempts: number;
  /** Tenants take turns, within one priority, after the jobs of none. */
  readonly tenantId?: string | undefined;
  readonly dedupe?: JobDedupe | undefined;
  /** Instead of its worker's. */
  readonly keepCompleted?: JobRetention | undefined;
  readonly keepFailed?: JobRetention | undefined;
}

/** What keeps a job from being added. */
export interface JobDedupe {
  readonly id: string;
  /** For how long, from when the one that stands was added; without it, as long as that one is not finished. */
  readonly forMs?: number | undefined;
  /** The one that waits for its delay is replaced, and the time begins anew. */
  readonly replace?: boolean | undefined;
}

/** A job and those that have to be done before. */
export interface NewJobFlow {
  readonly job: NewJob;
  readonly children: readonly NewJobFlow[];
  /** What happens to the parent when this one has failed for good: it fails too, or goes on without. */
  readonly onFailure: "fail-parent" | "ignore";
}

/** A job as an engine knows it. */
export interface JobSnapshot {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly state: JobState;
  /** How many attempts have ended with an error. */
  readonly failures: number;
  readonly attempts: number;
  readonly priority: number;
  /** Milliseconds since the epoch, as are the others. */
  readonly addedAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly finishedAtMs?: number | undefined;
  /** When it may run, of one that is delayed. */
  readonly runAtMs?: number | undefined;
  readonly progress?: unknown;
  readonly result?: unknown;
  /** The message of the last error. */
  readonly error?: string | undefined;
  readonly stack?: string | undefined;
}

/** A job while a worker has it. */
export interface EngineJob {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  /** 1 for the first. */
  readonly attempt: number;
  readonly attempts: number;
  progress(value: unknown): Promise<void>;
  log(line: string): Promise<void>;
  /** The results of its children by their ids. */
  children(): Promise<Readonly<Record<string, unknown>>>;
}

/** How an attempt ended. */
export type JobOutcome =
  | { readonly kind: "completed"; readonly result: unknown }
  /** Tried again after `retryInMs` if attempts are left and it is not `final`. */
  | {
      readonly kind: "failed";
      readonly error: Error;
      readonly final: boolean;
      readonly retryInMs: number;
    }
  /** Waits again, from so long on; the attempt does not count. */
  | { readonly kind: "returned"; readonly afterMs: number };

/** Options of {@link JobEngine.work}. */
export interface EngineWorkerOptions {
  /** Jobs at once. */
  readonly concurrency: number;
  /** Jobs that all workers of the queue together may begin within so long. */
  readonly rateLimit?: { readonly max: number; readonly durationMs: number } | undefined;
  /** For how long a job is its worker's; renewed while it runs. What a worker that died had is given away after that. */
  readonly leaseMs: number;
  /** How often a job may lose its worker before it fails. */
  readonly maxStalls: number;
  /** Which of the finished jobs are kept; of one that says otherwise as it says. */
  readonly keepCompleted: JobRetention;
  readonly keepFailed: JobRetention;
  /** Never rejects. */
  readonly run: (job: EngineJob) => Promise<JobOutcome>;
  /** Told what goes wrong beside the jobs. */
  readonly onError: (error: Error) => void;
}

/** Takes jobs and runs them, from when it is made. */
export interface EngineWorker {
  /** Takes no more; resolves when what runs has ended, or soon after the signal aborts. */
  close(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** Something that happened to a job, in whatever process. */
export interface JobEvent {
  readonly type:
    | "waiting"
    | "delayed"
    | "active"
    | "progress"
    | "completed"
    | "failed"
    | "stalled"
    | "removed";
  readonly id: string;
  /** Of `progress`. */
  readonly progress?: unknown;
  /** Of `completed`. */
  readonly result?: unknown;
  /** The message, of `failed`. */
  readonly error?: string | undefined;
}

/** A schedule as it is kept. */
export interface StoredSchedule {
  readonly key: string;
  /** Plain text that only who wrote it understands. */
  readonly spec: string;
  /** When it is due next, in milliseconds since the epoch. */
  readonly nextMs: number;
}

/** What waits on an engine's answer can be given. */
export interface EngineCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps the jobs of one queue, and hands them to workers, each to one at a time. All but the one in memory survive the
 * process, and are shared by all processes that name the same queue. A call rejects when the engine can't be reached.
 */
export interface JobEngine {
  readonly name: string;
  /** Whether the jobs survive the process. */
  readonly durable: boolean;
  open(options?: EngineCallOptions): Promise<void>;
  /** Lets go of everything, workers included; ends soon, whatever state the engine is in. */
  close(options?: EngineCallOptions): Promise<void>;
  ping(options?: EngineCallOptions): Promise<void>;

  /** Adds them all or none; their ids, or those of the ones that kept them from being added. */
  add(jobs: readonly NewJob[], options?: EngineCallOptions): Promise<readonly string[]>;
  addFlow(flow: NewJobFlow, options?: EngineCallOptions): Promise<void>;
  work(options: EngineWorkerOptions): EngineWorker;

  get(id: string, options?: EngineCallOptions): Promise<JobSnapshot | undefined>;
  /** The newest first, of those that are finished; the next to run first, of the others. */
  list(
    state: JobState,
    options: { readonly offset: number; readonly limit: number } & EngineCallOptions,
  ): Promise<readonly JobSnapshot[]>;
  counts(options?: EngineCallOptions): Promise<Readonly<Record<JobState, number>>>;
  logs(id: string, options?: EngineCallOptions): Promise<readonly string[]>;
  /** Whether it was there and could be removed, which one that runs can't be. */
  remove(id: string, options?: EngineCallOptions): Promise<boolean>;
  /** Gives a dead letter all its attempts again; whether there was one. */
  redrive(id: string, options?: EngineCallOptions): Promise<boolean>;
  /** Removes up to `limit` jobs that finished so long ago; how many. */
  clean(
    state: "completed" | "failed",
    options: { readonly olderThanMs: number; readonly limit: number } & EngineCallOptions,
  ): Promise<number>;

  /** Calls back at what happens from now on; resolves to what ends that. */
  subscribe(listener: (event: JobEvent) => void): Promise<() => Promise<void>>;
  /** Tells every worker's process that a job is to be aborted. */
  sendCancel(id: string, options?: EngineCallOptions): Promise<void>;
  /** Calls back with what {@link JobEngine.sendCancel} was given in any process; resolves to what ends that. */
  onCancel(listener: (id: string) => void): Promise<() => Promise<void>>;

  schedules(options?: EngineCallOptions): Promise<readonly StoredSchedule[]>;
  /** Keeps a schedule. The time of one that stands with the same `spec` stays as it is. */
  putSchedule(schedule: StoredSchedule, options?: EngineCallOptions): Promise<void>;
  removeSchedule(key: string, options?: EngineCallOptions): Promise<boolean>;
  /**
   * Takes the slot of a schedule, for so long; whether nobody else has it. Only one caller in all processes gets `true`,
   * until it is over.
   */
  claimSlot(
    slot: { readonly key: string; readonly slotMs: number; readonly nowMs: number } & {
      readonly forMs: number;
    },
    options?: EngineCallOptions,
  ): Promise<boolean>;
  /** Moves a schedule on from a slot that was dealt with. */
  passSlot(
    slot: { readonly key: string; readonly slotMs: number; readonly nextMs: number },
    options?: EngineCallOptions,
  ): Promise<void>;
}
