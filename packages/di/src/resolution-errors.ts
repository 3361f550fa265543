import type { Binding } from "./binding.js";
import {
  CaptiveDependencyError,
  CircularDependencyError,
  NotBoundError,
  NotWireableError,
} from "./errors.js";
import type { AnyClass } from "./key.js";
import { nearestName } from "./nearest-name.js";
import type { Table } from "./table.js";

/** The error for what nothing is bound to. */
export function notBound(table: Table, path: readonly string[]): Error {
  const wanted = path.at(-1)!;
  const names = [...table.everything()].map(({ name }) => name);
  const nearest = nearestName(wanted, names);
  return new NotBoundError(
    `nothing is bound to ${wanted}${nearest ? `; did you mean ${nearest}?` : ""} (${path.join(" → ")})`,
    { details: { path, ...(nearest && { nearest }) } },
  );
}

/** The error for a class whose parameters nobody names. */
export function notWireable(target: AnyClass, path: readonly string[]): Error {
  return new NotWireableError(
    `${target.name} has ${target.length} constructor parameter${target.length > 1 ? "s" : ""}, and neither a static inject nor a decorator names them (${path.join(" → ")})`,
    { details: { path } },
  );
}

/** The error for things that need each other. */
export function circular(path: readonly string[]): Error {
  return new CircularDependencyError(
    `a circle that needs a lazy(() => …) somewhere (${path.join(" → ")})`,
    { details: { path } },
  );
}

/** The error for a singleton that would keep something scoped. */
export function captive(binding: Binding, path: readonly string[]): Error {
  return new CaptiveDependencyError(
    `the singleton ${binding.name} would keep the scoped ${path.at(-1)!} beyond its scope; take lazy(() => …) instead (${path.join(" → ")})`,
    { details: { path } },
  );
}
