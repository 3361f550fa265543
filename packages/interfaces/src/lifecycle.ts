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

/** What other services may ask of the application's lifecycle. */
export interface Lifecycle {
  readonly state: LifecycleState;
  /** Never rejects; a check that hangs counts as `down` after its time-out. */
  probe(kind: ProbeKind): Promise<HealthSummary>;
  /** Begins the shutdown, or joins the one that runs; resolves when it has ended. */
  shutdown(reason?: string): Promise<void>;
}
