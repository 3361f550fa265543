import { unmade, type Binding } from "./binding.js";
import type { Compiled, Plan } from "./compile.js";
import { AsyncDependencyError } from "./errors.js";
import { circular } from "./resolution-errors.js";
import type { Trail } from "./trail.js";

/** One instance, as long as the container that the binding was made in. */
export function singletonPlan(binding: Binding, make: Plan): Plan {
  return () => (binding.instance === unmade ? makeSingleton(binding, make) : binding.instance);
}

function makeSingleton(binding: Binding, make: Plan): unknown {
  if (binding.making) throw circular([binding.name, binding.name]);
  binding.making = true;
  binding.owner.making += 1;
  try {
    const elsewhere = binding.registration?.instance;
    const instance = elsewhere ?? make(binding.owner);
    binding.instance = instance;
    if (binding.registration) binding.registration.instance = instance;
    if (elsewhere === undefined) binding.owner.keep(binding, instance);
    return instance;
  } finally {
    binding.making = false;
    binding.owner.making -= 1;
  }
}

/** One instance per scope. */
export function scopedPlan(binding: Binding, make: Plan): Plan {
  return (scope) => {
    const instances = (scope.instances ??= new Map());
    let instance = instances.get(binding);
    if (instance === undefined && !instances.has(binding)) {
      instance = make(scope);
      instances.set(binding, instance);
      scope.keep(binding, instance);
    }
    return instance;
  };
}

/** What an asynchronous factory has made; `getAsync` sees to it before. */
export function asyncPlan(binding: Binding, trail: Trail): Compiled {
  const scoped = binding.scope === "scoped";
  const run: Plan = (scope) => {
    const instance = scoped ? scope.instances?.get(binding) : binding.instance;
    if (instance === unmade || (scoped && !scope.instances?.has(binding))) {
      throw new AsyncDependencyError(
        `${binding.name} is made by an asynchronous factory and is not there yet: await getAsync() first (${trail.name})`,
        { details: { path: [trail.name] } },
      );
    }
    return instance;
  };
  return { run, scopedPath: scoped ? [trail.name] : undefined };
}

let resolution: Map<Binding, unknown> | undefined;

/** One instance per `get`. */
export function resolutionPlan(binding: Binding, make: Plan): Plan {
  return (scope) => {
    const made = (resolution ??= new Map());
    if (!made.has(binding)) made.set(binding, make(scope));
    return made.get(binding);
  };
}

/** A plan to be run by a `get`: what is made once per `get` is made anew by each. */
export function topLevel({ run, perResolution }: Compiled): Plan {
  if (!perResolution) return run;
  return (scope) => {
    const outer = resolution;
    resolution = new Map();
    try {
      return run(scope);
    } finally {
      resolution = outer;
    }
  };
}
