// What the operators' routes answer, and what goes over the topic admin.live. Types and constants only.

/** Seconds that are remembered of each process. */
export const rememberedSeconds = 600;

/** One process of the app. */
export interface ProcessInfo {
  /** `host:pid`, with the start so that a number given out again is another process. */
  readonly id: string;
  /** Short, for people: `web 4711`. */
  readonly name: string;
  readonly role: string;
  /** Milliseconds since the epoch, as are the other times here. */
  readonly startedAt: number;
}

/** What one process measured in one second. */
export interface Point {
  readonly at: number;
  /** Requests that were answered. */
  readonly requests: number;
  /** Of these, with 500 and above. */
  readonly errors: number;
  /** How long they took; missing when there was none. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** How late the event loop was, at the 99th percentile. */
  readonly eventLoopMs: number;
  /** Processor time by time: 1 is one core. */
  readonly cpu: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Connections of browsers to the gateway. */
  readonly sockets: number;
  /** Jobs that run, and those that ended in this second, for good or not. */
  readonly jobsRunning: number;
  readonly jobsEnded: number;
}

/** A line of the log, with all that stands beside its message as JSON. */
export interface LogLine {
  readonly id: string;
  readonly at: number;
  readonly level: LogLevelName;
  readonly category: string;
  readonly message: string;
  readonly meta: string;
  /** The name of its process. */
  readonly process: string;
}

/** The levels, the most urgent first. */
export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevelName = (typeof logLevels)[number];

/** A message on the topic admin.live: once a second of each process. */
export interface AdminEvent {
  readonly process: ProcessInfo;
  readonly point: Point;
  readonly lines: readonly LogLine[];
}

/** `GET /api/admin/metrics` */
export interface Metrics {
  readonly processes: readonly ProcessSeries[];
  /** By the first part of their keys. */
  readonly storage: readonly StorageUse[];
}

export interface ProcessSeries {
  readonly process: ProcessInfo;
  /** Oldest first, {@link rememberedSeconds} at the most. */
  readonly points: readonly Point[];
}

export interface StorageUse {
  readonly prefix: string;
  readonly files: number;
  readonly bytes: number;
}

/** `GET /api/admin/overview`, of the process that answers. */
export interface Overview {
  readonly process: ProcessInfo;
  readonly node: string;
  readonly startup: Startup;
  readonly graph: ServiceGraph;
  /** What stands behind the services: `database` → `pglite:./data/db`. */
  readonly engines: Readonly<Record<string, string>>;
}

/** The start-up as a timeline; milliseconds from its beginning. */
export interface Startup {
  readonly totalMs: number;
  readonly steps: readonly StartupStep[];
}

export interface StartupStep {
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly outcome: string;
}

/** What needs what. */
export interface ServiceGraph {
  readonly nodes: readonly { readonly name: string }[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "direct" | "optional" | "lazy";
}

/** `GET /api/admin/health` */
export interface Health {
  readonly status: HealthState;
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

export type HealthState = "up" | "degraded" | "down";

export interface HealthCheck {
  readonly status: HealthState;
  readonly message?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export const jobStates = ["waiting", "active", "delayed", "completed", "failed"] as const;
export type JobStateName = (typeof jobStates)[number];

/** `GET /api/admin/jobs?state=` */
export interface Jobs {
  readonly counts: Readonly<Record<JobStateName, number>>;
  /** The first of those in the state that was asked for. */
  readonly jobs: readonly JobRow[];
  readonly schedules: readonly ScheduleRow[];
}

export interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly payload: string;
  readonly failures: number;
  readonly attempts: number;
  readonly addedAt: number;
  readonly finishedAt?: number;
  readonly error?: string;
}

export interface ScheduleRow {
  readonly key: string;
  readonly name: string;
  /** `0 3 * * *`, or `every 60 s`. */
  readonly when: string;
  readonly nextAt: number;
}

/** `GET /api/admin/logs?level&q&limit`: the newest first. */
export interface Logs {
  readonly lines: readonly LogLine[];
}

/** `GET /api/admin/config` */
export interface Configuration {
  readonly settings: readonly SettingRow[];
}

export interface SettingRow {
  readonly path: string;
  readonly doc: string;
  /** As it may be shown: secrets are masked. Missing when it is not set. */
  readonly value?: string | undefined;
  /** Where it came from: `PORT in the environment`. */
  readonly source?: string | undefined;
  /** Where it has a weaker value too. */
  readonly outdone: readonly string[];
}
