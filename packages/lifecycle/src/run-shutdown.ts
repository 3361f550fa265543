import { toError } from "@infra/errors";
import type { Clock, LifecycleReport, Logger, StepReport } from "@infra/interfaces";

import { pause } from "./gave-up.js";
import type { RegisteredShutdownHook } from "./hooks.js";
import { formatReport } from "./report.js";
import { runSteps } from "./run-steps.js";
import type { Services } from "./services.js";
import { ShutdownBudget } from "./shutdown-budget.js";
import { checkOrder, type Step } from "./step.js";

/** What a shutdown is made of. */
export interface ShutdownPlan {
  readonly reason: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly print: (text: string) => void;
  readonly limitMs: number;
  /** How much of it the hooks and the work may take together. */
  readonly drainLimitMs: number;
  /** How long to go on serving first. */
  readonly delayMs: number;
  readonly hooks: readonly RegisteredShutdownHook[];
  /** What `waitFor` was given: work and its name. */
  readonly work: ReadonlyMap<Promise<unknown>, string>;
  readonly services: Services;
}

/** What came of a shutdown. */
export interface ShutdownResult {
  readonly report: LifecycleReport;
  readonly errors: readonly Error[];
  /** What is left of the time, in milliseconds. */
  readonly remainingMs: number;
}

/**
 * Stops everything: the delay, the shutdown hooks and the work that is waited for, the services, the report, and last
 * the logger. Never rejects; whatever fails or hangs, the others get their turn.
 */
export async function runShutdown(plan: ShutdownPlan): Promise<ShutdownResult> {
  const { reason, clock, logger, print, limitMs, drainLimitMs, delayMs, services } = plan;
  const originMs = clock.monotonic();
  const logging = services.logger();
  const errors: Error[] = [];
  const steps: StepReport[] = [];
  const budget = new ShutdownBudget(clock, limitMs, "shutdown");
  budget.add(services.existing().length);
  const run = async (phase: readonly Step[], within: ShutdownBudget): Promise<void> => {
    const reports = await runSteps(inOrder(phase, errors), {
      clock,
      originMs,
      attempt: (step) => within.attempt(step),
      onFailure: (_step, error) => {
        errors.push(error);
        return true;
      },
    });
    steps.push(...reports);
  };

  if (delayMs > 0) {
    budget.add(1);
    const delay = (signal: AbortSignal): Promise<void> => pause(clock, delayMs, signal);
    await run([{ name: "pre-stop delay", kind: "delay", after: [], run: delay }], budget);
  }
  const drain = budget.part(drainLimitMs, "drain");
  await runDrain(plan, drain, (phase) => run(phase, drain));
  drain.end();
  await run(services.stopSteps(), budget);

  const ok = errors.length === 0;
  const totalMs = clock.monotonic() - originMs;
  const report: LifecycleReport = { phase: "stop", ok, reason, totalMs, steps };
  print(formatReport(report));
  if (ok) logger.info("stopped", { reason, totalMs });
  else logger.error("stopped, though not cleanly", { reason, totalMs, errors });
  if (logging?.stop) {
    const stop: Step["run"] = (signal) => logging.stop!({ signal });
    try {
      await budget.attempt({ name: "logger", kind: "service", after: [], run: stop });
    } catch (error) {
      errors.push(toError(error));
      print(`the logger did not stop: ${toError(error).message}`);
    }
  }
  budget.end();
  return { report, errors, remainingMs: budget.remainingMs };
}

/** Runs the hooks, then waits for the work, also for what either has begun meanwhile. */
async function runDrain(
  { hooks, work }: ShutdownPlan,
  budget: ShutdownBudget,
  run: (steps: readonly Step[]) => Promise<void>,
): Promise<void> {
  let expected = work.size;
  budget.add(hooks.length + expected);
  await run(hookSteps(hooks));
  const known = new Set<Promise<unknown>>();
  for (;;) {
    const fresh = [...work].filter(([promise]) => !known.has(promise));
    budget.add(fresh.length - expected);
    expected = 0;
    if (fresh.length === 0) return;
    for (const [promise] of fresh) known.add(promise);
    await run(workSteps(fresh));
  }
}

function hookSteps(hooks: ShutdownPlan["hooks"]): Step[] {
  return hooks.map(({ name, run, after, timeoutMs }) => ({
    name,
    kind: "hook",
    after,
    limitMs: timeoutMs,
    run: (signal) => run({ signal }),
  }));
}

function workSteps(work: readonly (readonly [Promise<unknown>, string])[]): Step[] {
  const taken = new Map<string, number>();
  return work.map(([promise, base]) => {
    const count = (taken.get(base) ?? 0) + 1;
    taken.set(base, count);
    const name = count === 1 ? base : `${base} ${count}`;
    // that it fails is the concern of whoever began it
    return { name, kind: "work", after: [], run: () => promise.catch(() => {}) };
  });
}

/** A mistake in the order must not keep anything from being stopped. */
function inOrder(steps: readonly Step[], errors: Error[]): readonly Step[] {
  try {
    checkOrder(steps);
    return steps;
  } catch (error) {
    errors.push(toError(error));
    return steps.map((step) => ({ ...step, after: [] }));
  }
}
