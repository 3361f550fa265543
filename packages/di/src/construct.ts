import type { Plan } from "./compile.js";
import type { AnyClass } from "./key.js";
import type { Wiring } from "./wiring.js";

type Newable = new (...args: unknown[]) => unknown;

/** Where the arguments of a constructor come from. */
export interface ArgumentPlans {
  options: Plan | undefined;
  readonly parameters: { readonly name: string; readonly plan: Plan }[];
}

/** The arguments in the order of the constructor. */
export function argumentsPlan(shape: Wiring["shape"], plans: ArgumentPlans): readonly Plan[] {
  if (shape === "positional") return plans.parameters.map(({ plan }) => plan);
  if (shape === "none") return plans.options ? [plans.options] : [];
  const deps = recordPlan(plans.parameters);
  return plans.options ? [plans.options, deps] : [deps];
}

/** Written out for the usual numbers of arguments: a spread costs more than the rest of the call. */
export function constructPlan(target: AnyClass, args: readonly Plan[]): Plan {
  const Target = target as unknown as Newable;
  const [a, b, c, d] = args as [Plan, Plan, Plan, Plan];
  switch (args.length) {
    case 0:
      return () => new Target();
    case 1:
      return (scope) => new Target(a(scope));
    case 2:
      return (scope) => new Target(a(scope), b(scope));
    case 3:
      return (scope) => new Target(a(scope), b(scope), c(scope));
    case 4:
      return (scope) => new Target(a(scope), b(scope), c(scope), d(scope));
    default:
      return (scope) => new Target(...args.map((plan) => plan(scope)));
  }
}

function recordPlan(parameters: ArgumentPlans["parameters"]): Plan {
  const names = parameters.map(({ name }) => name);
  const plans = parameters.map(({ plan }) => plan);
  return (scope) => {
    const record: Record<string, unknown> = {};
    for (let at = 0; at < names.length; at += 1) record[names[at]!] = plans[at]!(scope);
    return record;
  };
}
