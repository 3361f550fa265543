import { unmade, type Binding } from "./binding.js";
import { argumentsPlan, constructPlan, type ArgumentPlans } from "./construct.js";
import { FactoryResolver } from "./factory-resolver.js";
import { asyncPlan, resolutionPlan, scopedPlan, singletonPlan } from "./kept-plans.js";
import { nameOf, type AnyClass, type Key } from "./key.js";
import { captive, circular, notBound, notWireable } from "./resolution-errors.js";
import type { Scope } from "./scope.js";
import { optionsPlan } from "./section-options.js";
import type { Table } from "./table.js";
import { pathOf, type Trail } from "./trail.js";
import { wiringOf, type Entry } from "./wiring.js";

/** Makes or finds an instance for whoever asks. */
export type Plan = (scope: Scope) => unknown;

/** A plan, and what it reaches without crossing a singleton. */
export interface Compiled {
  readonly run: Plan;
  /** The way to something scoped, if there is one: a singleton must not keep it. */
  readonly scopedPath?: readonly string[] | undefined;
  /** Something in there is made once per `get`. */
  readonly perResolution?: boolean;
}

/** The plan for a key. @throws NotBoundError, NotWireableError, CircularDependencyError, CaptiveDependencyError */
export function compile(table: Table, key: Key, trail?: Trail, consumer?: AnyClass): Compiled {
  const binding = table.lookup(key, consumer);
  if (!binding) throw notBound(table, [...pathOf(trail), nameOf(key)]);
  return compileBinding(table, binding, nameOf(key), trail);
}

/** The plan for one binding. */
export function compileBinding(
  table: Table,
  binding: Binding,
  name: string,
  trail?: Trail,
): Compiled {
  // a singleton belongs to where it was bound, whoever asks first
  if (binding.scope === "singleton" && binding.owner.table !== table) {
    return compileBinding(binding.owner.table, binding, name, trail);
  }
  const known = table.compiled.get(binding);
  if (known) return known;
  for (let at = trail; at; at = at.parent) {
    if (at.binding === binding) throw circular([...pathOf(trail), name]);
  }
  const compiled = planFor(table, binding, { name, binding, parent: trail });
  table.compiled.set(binding, compiled);
  return compiled;
}

function planFor(table: Table, binding: Binding, trail: Trail): Compiled {
  const { source } = binding;
  if (source.kind === "value") return { run: () => source.value };
  if (source.kind === "alias") return compile(table, source.to, trail);
  if (source.kind === "asyncFactory") return asyncPlan(binding, trail);
  if (binding.scope === "singleton" && binding.instance !== unmade) {
    return { run: () => binding.instance };
  }
  const made =
    source.kind === "class"
      ? classPlan(table, binding, source.target, trail)
      : source.kind === "factory"
        ? { run: (scope: Scope) => source.make(new FactoryResolver(scope, binding)) }
        : { run: source.make };
  if (binding.perResolution) return { run: resolutionPlan(binding, made.run), perResolution: true };
  if (binding.scope === "transient") return made;
  if (binding.scope === "scoped") {
    return { ...made, run: scopedPlan(binding, made.run), scopedPath: [trail.name] };
  }
  if (made.scopedPath && !binding.owner.parent) {
    throw captive(binding, [...pathOf(trail), ...made.scopedPath.slice(1)]);
  }
  return { ...made, scopedPath: undefined, run: singletonPlan(binding, made.run) };
}

function classPlan(table: Table, binding: Binding, target: AnyClass, trail: Trail): Compiled {
  const wiring = wiringOf(target);
  if (!wiring) throw notWireable(target, pathOf(trail));
  if (wiring.shape === "positional" && binding.options) {
    throw new TypeError(
      `withOptions: ${target.name} is wired by decorators, which have no options`,
    );
  }
  const parts: Compiled[] = [];
  const part = (entry: Entry): Plan | undefined => {
    const compiled = compileEntry(table, entry, trail, target);
    if (compiled) parts.push(compiled);
    return compiled?.run;
  };
  const plans: ArgumentPlans = { options: undefined, parameters: [] };
  if (wiring.options || binding.options) {
    plans.options = optionsPlan(binding, wiring.options, part);
  }
  for (const { name, entry } of wiring.parameters) {
    const plan = part(entry);
    if (plan || wiring.shape === "positional") {
      plans.parameters.push({ name, plan: plan ?? (() => undefined) });
    }
  }
  const scopedPath = parts.find((compiled) => compiled.scopedPath)?.scopedPath;
  return {
    run: constructPlan(target, argumentsPlan(wiring.shape, plans)),
    scopedPath: scopedPath && [trail.name, ...scopedPath],
    perResolution: parts.some(({ perResolution }) => perResolution),
  };
}

/** The plan for an entry; `undefined` for something optional that is missing. */
function compileEntry(
  table: Table,
  entry: Entry,
  trail: Trail,
  consumer: AnyClass,
): Compiled | undefined {
  switch (entry.kind) {
    case "one":
      if (entry.optional && !table.bound(entry.key, consumer) && !table.has(entry.key))
        return undefined;
      return compile(table, entry.key, trail, consumer);
    case "all":
      return compileAll(table, entry.key, entry.optional === true, trail);
    case "lazy":
      return { run: (scope) => () => scope.container.current.get(entry.of()) };
    case "delayed":
      return {
        run: (scope) => entry.by.createProxy((target) => scope.container.current.get(target)),
      };
    case "section":
      throw new TypeError(
        `${consumer.name}.inject: section(${entry.section.name}) can only be the entry "options"`,
      );
    default: {
      const of = compileEntry(table, entry.of, trail, consumer);
      const by = compile(table, entry.by, trail, consumer);
      const run: Plan = (scope) =>
        (by.run(scope) as { transform(...args: unknown[]): unknown }).transform(
          of?.run(scope),
          ...entry.args,
        );
      return { ...of, run };
    }
  }
}

/** The plan for all bindings of a key. */
export function compileAll(table: Table, key: Key, optional: boolean, trail?: Trail): Compiled {
  const bindings = table.all(key);
  if (bindings.length === 0 && typeof key === "function") {
    const one = compile(table, key, trail);
    return { ...one, run: (scope) => [one.run(scope)] };
  }
  if (bindings.length === 0 && !optional) {
    throw notBound(table, [...pathOf(trail), nameOf(key)]);
  }
  const parts = bindings.map((binding) => compileBinding(table, binding, binding.name, trail));
  return {
    run: (scope) => parts.map(({ run }) => run(scope)),
    scopedPath: parts.find(({ scopedPath }) => scopedPath)?.scopedPath,
    perResolution: parts.some(({ perResolution }) => perResolution),
  };
}
