/** What is used of BullMQ: its own types would need the types of clients that are not installed. */
export interface BullLibrary {
  readonly Queue: new (name: string, options: object, backend?: BackendFactory) => BullQueue;
  readonly Worker: new (
    name: string,
    run: (job: BullJob, token?: string) => Promise<unknown>,
    options: object,
    backend?: BackendFactory,
  ) => BullWorker;
  readonly QueueEvents: new (
    name: string,
    options: object,
    backend?: BackendFactory,
  ) => BullQueueEvents;
  readonly QueueEventsProducer: new (
    name: string,
    options: object,
    backend?: BackendFactory,
  ) => BullEventsProducer;
  readonly FlowProducer: new (options: object, backend?: BackendFactory) => BullFlowProducer;
  readonly UnrecoverableError: new (message?: string) => Error;
  readonly WaitingError: new (message?: string) => Error;
  readonly DelayedError: new (message?: string) => Error;
}

type Listen = (event: string, listener: (...args: never[]) => void) => unknown;

/** Makes what a queue, a worker, … reaches its engine through. */
export type BackendFactory = (name: string, options: object, extra?: object) => BullBackend;

/** What is used of a backend. */
export interface BullBackend {
  addJob(job: object, jobId: string): Promise<string>;
  addJobs(entries: readonly BullJobEntry[]): Promise<readonly string[]>;
  moveToActive(token: string, name?: string): Promise<unknown>;
  waitForJob(seconds: number): Promise<unknown>;
}

/** A job as a backend is given it. */
export interface BullJobEntry {
  readonly jobId: string;
  readonly job: {
    readonly name: string;
    /** JSON. */
    readonly data: string;
    readonly opts: object;
    readonly timestamp: number;
    readonly deduplicationId?: string | undefined;
  };
}

/** A job of BullMQ. */
export interface BullJob {
  readonly id?: string;
  readonly name: string;
  readonly data: unknown;
  readonly opts: { readonly attempts?: number; readonly delay?: number };
  readonly attemptsMade: number;
  readonly priority: number;
  readonly timestamp: number;
  readonly delay: number;
  readonly processedOn?: number | null;
  readonly finishedOn?: number | null;
  readonly progress: unknown;
  readonly returnvalue: unknown;
  readonly failedReason?: string | null;
  readonly stacktrace: string[] | null;
  getState(): Promise<string>;
  updateProgress(value: unknown): Promise<void>;
  log(line: string): Promise<number>;
  getChildrenValues(): Promise<Record<string, unknown>>;
  moveToWait(token?: string): Promise<unknown>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  retry(state: "failed", options?: object): Promise<void>;
}

/** A queue of BullMQ. */
export interface BullQueue {
  readonly name: string;
  getBackend(): BullBackend;
  getJob(id: string): Promise<BullJob | undefined>;
  getJobState(id: string): Promise<string>;
  getJobs(types: string[], start: number, end: number, ascending: boolean): Promise<BullJob[]>;
  getJobCounts(...types: string[]): Promise<Record<string, number>>;
  getJobLogs(id: string): Promise<{ logs: string[] }>;
  remove(id: string): Promise<number>;
  clean(graceMs: number, limit: number, type: string): Promise<string[]>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on: Listen;
}

/** A worker of BullMQ. */
export interface BullWorker {
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
  on: Listen;
}

/** What adds flows of BullMQ. */
export interface BullFlowProducer {
  add(flow: object): Promise<unknown>;
  close(): Promise<void>;
  on: Listen;
}

/** What tells events of one's own. */
export interface BullEventsProducer {
  publishEvent(event: object, maxEvents?: number): Promise<void>;
  close(): Promise<void>;
  on: Listen;
}

/** The events of a queue of BullMQ. */
export interface BullQueueEvents {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on: Listen;
}

/** BullMQ on one engine. */
export interface BullBinding {
  /** Connects; what is needed to make queues, workers, … on it. */
  open(options: { readonly signal?: AbortSignal | undefined }): Promise<OpenBull>;
}

/** BullMQ on an engine that is connected. */
export interface OpenBull {
  readonly library: BullLibrary;
  readonly backend: BackendFactory;
  /** What every class of BullMQ is made with. */
  readonly options: object;
  readonly store: SideStore;
  ping(): Promise<unknown>;
  /** Lets go of every connection at once; resolves when nothing is left of them. */
  destroy(): Promise<void>;
  /** The last event of a queue so far: who waits for "from now on" would miss what comes before it has asked. */
  lastEventId?(queue: string): Promise<string>;
  /** Whether jobs that are added at the same moment go faster together. */
  readonly gathers?: boolean;
  /** A queue that writes within the transaction around the caller; `undefined` when there is none. */
  inTransaction?(work: (queue: BullQueue) => Promise<void>): Promise<boolean>;
}

/** What is kept beside BullMQ's own data. */
export interface SideStore {
  schedules(): Promise<readonly { key: string; spec: string; nextMs: number }[]>;
  putSchedule(schedule: { key: string; spec: string; nextMs: number }): Promise<void>;
  removeSchedule(key: string): Promise<boolean>;
  claimSlot(slot: { key: string; slotMs: number; nowMs: number; forMs: number }): Promise<boolean>;
  passSlot(slot: { key: string; slotMs: number; nextMs: number }): Promise<void>;
  /** For each of a tenant's jobs, which round it is served in; `counts` says how many each tenant adds. */
  rounds(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
}
