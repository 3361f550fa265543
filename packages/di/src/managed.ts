import type { ManagedService } from "@infra/interfaces";

import { unmade, type Binding } from "./binding.js";
import { compileBinding } from "./compile.js";
import { dependenciesOf } from "./dependencies.js";
import { topLevel } from "./kept-plans.js";
import { providedBy } from "./key.js";
import { hasLife } from "./living.js";
import type { Scope } from "./scope.js";

/** What reports call a service: its token, or its class. */
export function managedName(binding: Binding): string {
  const key = binding.keys[0];
  return (typeof key === "function" && providedBy(key)?.name) || binding.name;
}

/** What was made so far and has a life, in the order of its making. */
export function createdBy(scope: Scope): readonly ManagedService[] {
  const living = scope.living ?? [];
  const names = new Map<Binding, string>();
  const taken = new Set<string>();
  for (const { binding } of living) {
    const base = managedName(binding);
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base} ${n}`;
    taken.add(name);
    names.set(binding, name);
  }
  return living.map((one) => ({
    name: names.get(one.binding)!,
    service: one.service,
    dependencies: dependencyNames(scope, one.binding, names),
  }));
}

/** Makes the singletons that have a life, or may have one, and returns those that do. */
export function createManaged(scope: Scope): readonly ManagedService[] {
  for (const binding of scope.table.everything()) {
    if (binding.scope === "singleton" && binding.instance === unmade && mayLive(binding)) {
      topLevel(compileBinding(scope.table, binding, binding.name))(scope);
    }
  }
  return createdBy(scope);
}

function mayLive({ source }: Binding): boolean {
  if (source.kind === "factory") return true;
  return source.kind === "class" && hasLife(source.target.prototype);
}

/** The managed among what a binding needs, found through what has no life itself. */
function dependencyNames(
  scope: Scope,
  binding: Binding,
  names: ReadonlyMap<Binding, string>,
): readonly string[] {
  const found = new Set<string>();
  const seen = new Set([binding]);
  const look = (at: Binding): void => {
    for (const { kind, bindings } of dependenciesOf(scope.table, at)) {
      if (kind === "lazy") continue;
      for (const next of bindings) {
        if (seen.has(next)) continue;
        seen.add(next);
        const name = names.get(next);
        if (name === undefined) look(next);
        else found.add(name);
      }
    }
  };
  look(binding);
  return [...found];
}
