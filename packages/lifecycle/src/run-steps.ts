import { toError } from "@infra/errors";
import type { Clock, StepReport } from "@infra/interfaces";

import { GaveUp } from "./gave-up.js";
import type { Step } from "./step.js";

/** How {@link runSteps} goes about it. */
export interface RunStepsOptions {
  readonly clock: Clock;
  /** The reading of the clock that the reports count from. */
  readonly originMs: number;
  /** Runs one step; rejects with {@link GaveUp} when it is not waited for any longer. */
  readonly attempt: (step: Step) => Promise<void>;
  /** Called for each step that failed or was given up; the next steps begin only if it returns true. */
  readonly onFailure: (step: Step, error: Error) => boolean;
}

/**
 * Runs steps, each as soon as those it waits for are over, and returns when all are over. Steps that wait for one that
 * failed are skipped if `onFailure` says so.
 */
export async function runSteps(
  steps: readonly Step[],
  { clock, originMs, attempt, onFailure }: RunStepsOptions,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  const over = new Set<string>();
  const waiting = new Set(steps);
  let going = true;

  const runOne = async (step: Step): Promise<void> => {
    const startMs = clock.monotonic() - originMs;
    let ended: Pick<StepReport, "outcome" | "error" | "held"> = { outcome: "done" };
    try {
      await attempt(step);
    } catch (thrown) {
      const error = toError(thrown);
      ended = {
        outcome: thrown instanceof GaveUp ? "overran" : "failed",
        error: error.message,
        ...(thrown instanceof GaveUp && { held: thrown.held }),
      };
      if (!onFailure(step, thrown instanceof GaveUp ? toError(thrown.cause ?? thrown) : error)) {
        going = false;
      }
    }
    const durationMs = clock.monotonic() - originMs - startMs;
    if (!step.silent || ended.outcome !== "done") {
      reports.push({ name: step.name, kind: step.kind, startMs, durationMs, ...ended });
    }
    over.add(step.name);
    await advance();
  };

  const advance = async (): Promise<void> => {
    if (!going) return;
    const ready = [...waiting].filter(({ after }) => after.every((name) => over.has(name)));
    for (const step of ready) waiting.delete(step);
    await Promise.all(ready.map((step) => runOne(step)));
  };

  await advance();
  const endMs = clock.monotonic() - originMs;
  for (const { name, kind } of waiting) {
    reports.push({ name, kind, startMs: endMs, durationMs: 0, outcome: "skipped" });
  }
  const order = new Map(steps.map(({ name }, at) => [name, at]));
  return reports.toSorted(
    (a, b) => a.startMs - b.startMs || order.get(a.name)! - order.get(b.name)!,
  );
}
