import { inspect } from "node:util";

import { toError } from "@infra/errors";
import type {
  Clock,
  HealthReport,
  HealthStatus,
  HealthSummary,
  LifecycleState,
  Managed,
  ProbeKind,
} from "@infra/interfaces";

import { waitUntil } from "./gave-up.js";
import type { LifecycleSettings } from "./lifecycle-options.js";
import type { Services } from "./services.js";

/** Asks something how it is. */
export type HealthCheck = () => HealthReport | Promise<HealthReport>;

/** Options of `registerHealthCheck`. */
export interface HealthCheckOptions {
  /** Whether the application can't work while this is down; it is only degraded otherwise. @default true */
  readonly critical?: boolean;
}

interface Check {
  readonly ask: HealthCheck;
  readonly critical: boolean;
  answer?: { readonly at: number; readonly report: HealthReport };
  running?: Promise<HealthReport> | undefined;
}

/** Health checks, each asked at most once at a time, timed out, and remembered for a while. */
export class HealthChecks {
  readonly #clock: Clock;
  readonly #settings: Pick<LifecycleSettings, "healthTimeoutMs" | "healthCacheTtlMs">;
  readonly #services: Services;
  readonly #registered = new Map<string, Check>();
  readonly #ofServices = new WeakMap<Managed, Check>();
  #watchedAt = -Infinity;

  constructor(
    clock: Clock,
    settings: Pick<LifecycleSettings, "healthTimeoutMs" | "healthCacheTtlMs">,
    services: Services,
  ) {
    this.#clock = clock;
    this.#settings = settings;
    this.#services = services;
  }

  /** @throws TypeError that names the argument. */
  register(name: string, ask: HealthCheck, { critical = true }: HealthCheckOptions): void {
    if (typeof name !== "string" || name === "" || typeof ask !== "function") {
      throw new TypeError(
        `registerHealthCheck: name must be a non-empty string and check a function, got ${inspect(name)} and ${inspect(ask)}`,
      );
    }
    this.#registered.set(name, { ask, critical });
  }

  /** Says from now on that something optional is missing. */
  degrade(name: string, error: Error): void {
    const report: HealthReport = { status: "down", message: `did not start: ${error.message}` };
    this.register(name, () => report, { critical: false });
  }

  /** Whether somebody asked for readiness within the last so many milliseconds. */
  watchedWithin(ms: number): boolean {
    return this.#clock.monotonic() - this.#watchedAt <= ms;
  }

  /** The answer to a probe: `live` and `startup` go by the state alone. */
  async probe(kind: ProbeKind, state: LifecycleState): Promise<HealthSummary> {
    if (kind === "live") return { status: alive(state) ? "up" : "down", state, checks: {} };
    if (kind === "startup") {
      const over = state === "ready" || state === "stopping";
      return { status: over ? "up" : "down", state, checks: {} };
    }
    this.#watchedAt = this.#clock.monotonic();
    if (state !== "ready") return { status: "down", state, checks: {} };
    const answers = await Promise.all(
      [...this.#checks()].map(async ([name, check]) => ({
        name,
        critical: check.critical,
        report: await this.#answer(check),
      })),
    );
    const checks = Object.fromEntries(answers.map(({ name, report }) => [name, report]));
    return { status: worstStatus(answers), state, checks };
  }

  #checks(): Map<string, Check> {
    const checks = new Map<string, Check>();
    for (const { name, service } of this.#services.existing()) {
      if (!service.health) continue;
      let check = this.#ofServices.get(service);
      if (!check) {
        check = { ask: async () => service.health!(), critical: true };
        this.#ofServices.set(service, check);
      }
      checks.set(name, check);
    }
    for (const [name, check] of this.#registered) checks.set(name, check);
    return checks;
  }

  #answer(check: Check): Promise<HealthReport> {
    const { answer } = check;
    if (answer && this.#clock.monotonic() - answer.at < this.#settings.healthCacheTtlMs) {
      return Promise.resolve(answer.report);
    }
    check.running ??= this.#ask(check);
    return check.running;
  }

  async #ask(check: Check): Promise<HealthReport> {
    const report = await this.#inTime(check.ask);
    check.answer = { at: this.#clock.monotonic(), report };
    check.running = undefined;
    return report;
  }

  async #inTime(ask: HealthCheck): Promise<HealthReport> {
    const { healthTimeoutMs } = this.#settings;
    try {
      const report = await waitUntil((async () => ask())(), (reject) =>
        this.#clock.setTimeout(
          () => reject(new Error(`no answer within ${healthTimeoutMs} ms`)),
          healthTimeoutMs,
        ),
      );
      if (["up", "degraded", "down"].includes(report?.status)) return report;
      return { status: "down", message: `the check answered ${inspect(report, { depth: 0 })}` };
    } catch (error) {
      return { status: "down", message: toError(error).message };
    }
  }
}

function alive(state: LifecycleState): boolean {
  return state !== "failed" && state !== "stopped";
}

/** The worst of some answers; one that is not critical makes the whole degraded at worst. */
function worstStatus(
  answers: readonly { readonly report: HealthReport; readonly critical: boolean }[],
): HealthStatus {
  let worst: HealthStatus = "up";
  for (const { report, critical } of answers) {
    if (report.status === "down" && critical) return "down";
    if (report.status !== "up") worst = "degraded";
  }
  return worst;
}
