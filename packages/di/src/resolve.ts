import { unmade, type Binding } from "./binding.js";
import { compile, compileAll, type Plan } from "./compile.js";
import { dependenciesOf, pathTo } from "./dependencies.js";
import { CircularDependencyError, ContainerDisposedError, diErrors } from "./errors.js";
import { FactoryResolver } from "./factory-resolver.js";
import { topLevel } from "./kept-plans.js";
import { nameOf, type Key } from "./key.js";
import type { Scope } from "./scope.js";
import { generation } from "./tsyringe-registrations.js";

/** Makes or finds what a key stands for. */
export function resolve(scope: Scope, key: Key): unknown {
  if (scope.disposal !== undefined || scope.root.generation !== generation) refresh(scope, key);
  try {
    return (scope.table.plans.get(key) ?? planOf(scope, key))(scope);
  } catch (error) {
    throw withPath(scope, key, error);
  }
}

function refresh(scope: Scope, key: Key): void {
  if (scope.disposal) {
    throw new ContainerDisposedError(
      `${nameOf(key)} was asked for after the container was disposed`,
    );
  }
  scope.root.generation = generation;
  scope.root.table.changed();
}

function planOf(scope: Scope, key: Key): Plan {
  const plan = topLevel(compile(scope.table, key));
  scope.table.plans.set(key, plan);
  return plan;
}

/** All instances of a key. */
export function resolveAll(scope: Scope, key: Key): unknown[] {
  if (scope.disposal !== undefined || scope.root.generation !== generation) refresh(scope, key);
  try {
    return topLevel(compileAll(scope.table, key, true))(scope) as unknown[];
  } catch (error) {
    throw withPath(scope, key, error);
  }
}

/** Makes what asynchronous factories have to make for a key, then resolves it. */
export async function resolveAsync(
  scope: Scope,
  key: Key,
  waiting: readonly Binding[],
): Promise<unknown> {
  if (scope.disposal !== undefined || scope.root.generation !== generation) refresh(scope, key);
  const binding = scope.table.lookup(key);
  if (binding?.source.kind === "asyncFactory" && binding.scope === "transient") {
    return makeAsync(scope, binding, waiting);
  }
  if (binding) await prepare(scope, binding, waiting, new Set());
  return resolve(scope, key);
}

async function prepare(
  scope: Scope,
  binding: Binding,
  waiting: readonly Binding[],
  seen: Set<Binding>,
): Promise<void> {
  if (seen.has(binding) || isMade(scope, binding)) return;
  seen.add(binding);
  if (binding.source.kind === "asyncFactory") {
    await makeAsync(scope, binding, waiting);
    return;
  }
  const home = binding.scope === "singleton" ? binding.owner : scope;
  const needed = dependenciesOf(home.table, binding)
    .filter(({ kind }) => kind !== "lazy")
    .flatMap(({ bindings }) => bindings);
  await Promise.all(needed.map((found) => prepare(home, found, waiting, seen)));
}

function isMade(scope: Scope, binding: Binding): boolean {
  if (binding.scope === "singleton") return binding.instance !== unmade;
  return binding.scope === "scoped" && scope.instances?.has(binding) === true;
}

function makeAsync(scope: Scope, binding: Binding, waiting: readonly Binding[]): Promise<unknown> {
  if (binding.source.kind !== "asyncFactory") return Promise.resolve();
  if (waiting.includes(binding)) {
    const path = [...waiting.slice(waiting.indexOf(binding)), binding].map(({ name }) => name);
    return Promise.reject(
      new CircularDependencyError(
        `asynchronous factories that wait for each other (${path.join(" → ")})`,
        {
          details: { path },
        },
      ),
    );
  }
  const { make } = binding.source;
  const home = binding.scope === "singleton" ? binding.owner : scope;
  const run = async (): Promise<unknown> => {
    const instance = await make(new FactoryResolver(home, binding, waiting));
    if (binding.scope === "transient") return instance;
    if (binding.scope === "singleton") binding.instance = instance;
    else (home.instances ??= new Map()).set(binding, instance);
    home.keep(binding, instance);
    return instance;
  };
  if (binding.scope === "transient") return run();
  const pending = (home.pending ??= new Map<Binding, Promise<unknown>>());
  let made = pending.get(binding);
  if (!made) {
    made = run().finally(() => pending.delete(binding));
    pending.set(binding, made);
  }
  return made;
}

/** A resolution error that was thrown below a factory knows only the way from there: tells the whole one. */
function withPath(scope: Scope, key: Key, error: unknown): unknown {
  const Class = Object.values(diErrors.classes).find((candidate) => candidate.is(error));
  if (!Class) return error;
  const { message, details } = error as Error & { details: { path?: readonly string[] } };
  const path = details.path;
  if (!path || path.includes(nameOf(key))) return error;
  const before = pathTo(scope.table, key, path[0]!);
  if (!before) return error;
  const whole = [...before.slice(0, -1), ...path];
  return new Class(message.replace(`(${path.join(" → ")})`, `(${whole.join(" → ")})`), {
    details: { ...details, path: whole } as never,
  });
}
