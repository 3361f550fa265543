import { toError } from "@infra/errors";
import type { Clock, LifecycleReport, StepReport } from "@infra/interfaces";

import type { RegisteredStartupHook } from "./hooks.js";
import { runSteps } from "./run-steps.js";
import type { Services } from "./services.js";
import { startSteps } from "./start-steps.js";
import { checkOrder } from "./step.js";

/** What a startup is made of. */
export interface StartupPlan {
  readonly clock: Clock;
  readonly services: Services;
  readonly hooks: readonly RegisteredStartupHook[];
  readonly hookTimeoutMs: number;
  /** Aborted from outside to call the start off; from inside when it fails. */
  readonly start: AbortController;
  /** Looks for mistakes, before anything starts: what it throws fails the start. */
  readonly check: () => void;
  /** Told of what failed and was not critical. */
  readonly onDegraded: (name: string, error: Error) => void;
}

/** What came of a startup. */
export interface StartupResult {
  readonly report: LifecycleReport;
  readonly errors: readonly Error[];
  /** The names of the steps that failed. */
  readonly failed: readonly string[];
}

/** Starts services and hooks in order. Never rejects; what had started when something failed is left as it is. */
export async function runStartup(plan: StartupPlan): Promise<StartupResult> {
  const { clock, services, hooks, hookTimeoutMs, start, check, onDegraded } = plan;
  const originMs = clock.monotonic();
  const errors: Error[] = [];
  const failed: string[] = [];
  let steps: StepReport[] = [];
  try {
    check();
    const planned = startSteps(services.toStart(), hooks, hookTimeoutMs, clock);
    checkOrder(planned);
    steps = await runSteps(planned, {
      clock,
      originMs,
      attempt: async (step) => void (await step.run(start.signal)),
      onFailure: (step, error) => {
        if (step.optional && !start.signal.aborted) {
          onDegraded(step.name, error);
          return true;
        }
        // what was called off has not failed itself
        if (error !== start.signal.reason) {
          failed.push(step.name);
          errors.push(error);
        }
        start.abort(error);
        return false;
      },
    });
  } catch (error) {
    errors.push(toError(error));
  }
  const ok = errors.length === 0 && !start.signal.aborted;
  const totalMs = clock.monotonic() - originMs;
  return { report: { phase: "start", ok, totalMs, steps }, errors, failed };
}
