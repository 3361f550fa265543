import type { HealthReport, HealthStatus } from "./managed.js";

/** Where an application stands in its life. */
export type LifecycleState = "idle" | "starting" | "ready" | "stopping" | "stopped" | "failed";

/**
 * The three questions an orchestrator asks: `live` (restart me if not), `ready` (send me work), `startup` (still coming
 * up). `ready` turns `down` as soon as a stop begins, before anything is closed.
 */
export type ProbeKind = "live" | "ready" | "startup";

/** The answer to a probe: the worst status, and what each part said. */
export interface HealthSummary {
  readonly status: HealthStatus;
  readonly state: LifecycleState;
  readonly checks: Readonly<Record<string, HealthReport>>;
}

/** What became of a step. */
export interface StepReport {
  readonly name: string;
  readonly kind: "hook" | "service" | "work" | "delay";
  /** Milliseconds after the beginning of it all. */
  readonly startMs: number;
  readonly durationMs: number;
  /** `overran`: it was given up, and may still be running. `skipped`: it was never begun. */
  readonly outcome: "done" | "failed" | "overran" | "skipped";
  readonly error?: string;
  /** What kept the process alive when the step was given up. */
  readonly held?: readonly string[];
}

/** What happened while starting or stopping; plain data. */
export interface LifecycleReport {
  readonly phase: "start" | "stop";
  readonly ok: boolean;
  /** Why it stopped. */
  readonly reason?: string;
  readonly totalMs: number;
  readonly steps: readonly StepReport[];
}

/** What other services may ask of the application's lifecycle. */
export interface Lifecycle {
  readonly state: LifecycleState;
  /** What happened while starting; `undefined` before the start is over. */
  readonly startReport?: LifecycleReport | undefined;
  /** Never rejects; a check that hangs counts as `down` after its time-out. */
  probe(kind: ProbeKind): Promise<HealthSummary>;
  /** Begins the shutdown, or joins the one that runs; resolves when it has ended. */
  shutdown(reason?: string): Promise<void>;
}
