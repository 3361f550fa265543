/** How well something is: `degraded` still works, with less; `down` does not. */
export type HealthStatus = "up" | "degraded" | "down";

/** What a service says of itself. Never holds a secret. */
export interface HealthReport {
  readonly status: HealthStatus;
  /** Why, in one sentence; required in spirit whenever the status is not `up`. */
  readonly message?: string;
  /** Plain numbers and words worth seeing. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** What {@link Managed.start} is told. */
export interface StartContext {
  /** Aborted when starting takes too long or has been called off. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link Managed.stop} is told. */
export interface StopContext {
  /** Aborted when the time to stop in is over: let go of everything at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A service with a life: lifecycle starts it, asks for its health, and stops it.
 *
 * `start` and `stop` are idempotent: a second call while one runs returns the same promise's outcome, a call when it
 * is done already does nothing. `stop` drains, then releases, and always ends: at the latest soon after
 * `context.signal` is aborted. What was handed to the service (a client, a pool) is not closed by it.
 */
export interface Managed {
  start?(context?: StartContext): Promise<void>;
  stop?(context?: StopContext): Promise<void>;
  /** Cheap, and never rejects: a failure is a report with the status `down`. */
  health?(): Promise<HealthReport>;
}
