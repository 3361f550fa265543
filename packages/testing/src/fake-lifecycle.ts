import type {
  HealthReport,
  HealthSummary,
  Lifecycle,
  LifecycleState,
  ProbeKind,
} from "@infra/interfaces";

/** A lifecycle of a test's own, for what asks how the application is or ends it: it is ready until it is shut down. */
export class FakeLifecycle implements Lifecycle {
  readonly #checks = new Map<string, HealthReport>();
  readonly #reasons: (string | undefined)[] = [];
  #state: LifecycleState = "ready";

  get state(): LifecycleState {
    return this.#state;
  }

  /** Why it was shut down; empty when it was not. */
  get reasons(): readonly (string | undefined)[] {
    return this.#reasons;
  }

  /** What a part of the application says of itself from now on. */
  report(name: string, health: HealthReport): void {
    this.#checks.set(name, health);
  }

  async probe(kind: ProbeKind): Promise<HealthSummary> {
    const state = this.#state;
    if (state !== "ready") return { status: "down", state, checks: {} };
    if (kind !== "ready") return { status: "up", state, checks: {} };
    const checks = Object.fromEntries(this.#checks);
    const all = new Set(Object.values(checks).map((report) => report.status));
    const status = (["down", "degraded"] as const).find((each) => all.has(each)) ?? "up";
    return { status, state, checks };
  }

  async shutdown(reason?: string): Promise<void> {
    if (this.#state === "stopped") return;
    this.#reasons.push(reason);
    this.#state = "stopped";
  }
}
