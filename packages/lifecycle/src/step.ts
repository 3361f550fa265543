import type { StepReport } from "@infra/interfaces";

import { CircularHooksError, UnknownDependencyError } from "./errors.js";

/** One thing to do while starting or stopping. */
export interface Step {
  /** Unique among the steps that run together. */
  readonly name: string;
  readonly kind: StepReport["kind"];
  /** The names of the steps that must be over first. */
  readonly after: readonly string[];
  /** A step that may fail: the others go on. */
  readonly optional?: boolean;
  /** A step with nothing to do, there for the order's sake: it is left out of the report. */
  readonly silent?: boolean;
  /** The milliseconds that it may take while stopping; `undefined` for its share of what there is. */
  readonly limitMs?: number | undefined;
  run(signal: AbortSignal): unknown;
}

/**
 * Looks for what would never run.
 *
 * @throws UnknownDependencyError, CircularHooksError
 */
export function checkOrder(steps: readonly Pick<Step, "name" | "after">[]): void {
  const byName = new Map(steps.map((step) => [step.name, step]));
  for (const { name, after } of steps) {
    for (const dependency of after) {
      if (byName.has(dependency)) continue;
      throw new UnknownDependencyError(
        `${name} waits for ${JSON.stringify(dependency)}, which nobody registered; there is ${[...byName.keys()].join(", ")}`,
        { details: { name, dependency } },
      );
    }
  }
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (done.has(name)) return;
    const at = trail.indexOf(name);
    if (at >= 0) {
      const path = [...trail.slice(at), name];
      throw new CircularHooksError(`hooks wait for each other: ${path.join(" → ")}`, {
        details: { path },
      });
    }
    for (const dependency of byName.get(name)!.after) visit(dependency, [...trail, name]);
    done.add(name);
  };
  for (const { name } of steps) visit(name, []);
}
