import { tokens } from "@infra/interfaces";

import type { Binding } from "./binding.js";
import { keyOf, nameOf, type AnyClass, type Key } from "./key.js";
import type { Table } from "./table.js";
import { wiringOf, type Entry } from "./wiring.js";

/** How one thing needs another: at once, if it is there, or when it is called. */
export type DependencyKind = "direct" | "optional" | "lazy";

/** One thing that a binding needs, as its class declares it or its factory was seen to ask. */
export interface Dependency {
  readonly key: Key;
  readonly kind: DependencyKind;
  /** What answers; `undefined` when nothing does. */
  readonly bindings: readonly Binding[];
}

/** What a binding needs, without making anything. */
export function dependenciesOf(table: Table, binding: Binding): Dependency[] {
  const { source } = binding;
  const from = binding.scope === "singleton" ? binding.owner.table : table;
  const one = (key: Key, kind: DependencyKind, consumer?: AnyClass): Dependency => {
    const found =
      kind === "optional" && !from.bound(key, consumer) && !from.has(key)
        ? undefined
        : from.lookup(key, consumer);
    return { key, kind, bindings: found ? [found] : [] };
  };
  if (source.kind === "alias") return [one(source.to, "direct")];
  if (source.kind !== "class") return [...(binding.seen ?? [])].map((key) => one(key, "direct"));
  const { target } = source;
  const wiring = wiringOf(target);
  const ofEntry = (entry: Entry): Dependency[] => {
    switch (entry.kind) {
      case "one":
        return [one(entry.key, entry.optional ? "optional" : "direct", target)];
      case "all": {
        const bindings = from.all(entry.key);
        const kind = entry.optional ? "optional" : "direct";
        return bindings.length > 0
          ? [{ key: entry.key, kind, bindings }]
          : [one(entry.key, kind, target)];
      }
      case "lazy":
        return [one(keyOf(entry.of(), `${target.name}.inject`), "lazy", target)];
      case "section":
        return [one(tokens.config.id, "optional", target)];
      case "transform":
        return [...ofEntry(entry.of), one(entry.by, "direct", target)];
      default:
        // a proxy of tsyringe's asks when it is first used
        return [];
    }
  };
  return [
    ...(wiring?.options ? ofEntry(wiring.options) : []),
    ...(wiring?.parameters ?? []).flatMap(({ entry }) => ofEntry(entry)),
  ];
}

/** The names on the shortest way from a key to something called `name`; `undefined` when there is none. */
export function pathTo(table: Table, key: Key, name: string): string[] | undefined {
  const start = table.lookup(key);
  const seen = new Set<Binding>();
  let edge = start ? [{ binding: start, path: [nameOf(key)] }] : [];
  while (edge.length > 0) {
    const next: typeof edge = [];
    for (const { binding, path } of edge) {
      if (path.at(-1) === name) return path;
      if (seen.has(binding)) continue;
      seen.add(binding);
      for (const dependency of dependenciesOf(table, binding)) {
        for (const found of dependency.bindings) {
          next.push({ binding: found, path: [...path, nameOf(dependency.key)] });
        }
      }
    }
    edge = next;
  }
  return undefined;
}

/** The bindings that reach one of the keys, other than lazily: a lazy entry asks again each time. */
export function dependantsOf(table: Table, keys: readonly Key[]): Set<Binding> {
  const wanted = new Set(keys);
  const answers = new Map<Binding, boolean>();
  const reaches = (binding: Binding): boolean => {
    const known = answers.get(binding);
    if (known !== undefined) return known;
    answers.set(binding, false);
    const answer = dependenciesOf(table, binding).some(
      ({ key, kind, bindings }) =>
        kind !== "lazy" && (wanted.has(key) || bindings.some((found) => reaches(found))),
    );
    answers.set(binding, answer);
    return answer;
  };
  return new Set([...table.everything()].filter((binding) => reaches(binding)));
}
