import { tokens, type Config, type ConfigSection } from "@infra/interfaces";

import { unmade, type Binding } from "./binding.js";
import { dependenciesOf, type Dependency } from "./dependencies.js";
import { diErrors, VerificationError } from "./errors.js";
import { nameOf } from "./key.js";
import { nearestName } from "./nearest-name.js";
import type { Scope } from "./scope.js";
import { sectionFor } from "./section-options.js";
import { wiringOf } from "./wiring.js";

/** What a mistake is about. */
export type VerificationProblemKind =
  | "missing"
  | "invalid"
  | "circular"
  | "captive"
  | "async"
  | "configuration";

/** One mistake that `verify()` found. */
export interface VerificationProblem {
  readonly kind: VerificationProblemKind;
  readonly message: string;
}

/** Looks at everything that a scope sees. @throws VerificationError */
export function verifyTable(scope: Scope): void {
  const check = new Verification(scope);
  const problems = check.run();
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
  throw new VerificationError(
    `the container has ${count}:\n${problems.map(({ kind, message }) => `  ${kind}: ${message}`).join("\n")}`,
    { details: { problems } },
  );
}

class Verification {
  readonly #scope: Scope;
  readonly #problems: VerificationProblem[] = [];
  readonly #needs = new Map<Binding, readonly Dependency[]>();
  readonly #sections = new Map<string, ConfigSection>();
  readonly #names: readonly string[];
  /** From what was looked at first to what is being looked at. */
  #trail = new Set<Binding>();

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#names = [...scope.table.everything()].map(({ name }) => name);
  }

  run(): readonly VerificationProblem[] {
    const all = [...this.#scope.table.everything()];
    for (const binding of all) this.#visit(binding);
    for (const binding of this.#needs.keys()) {
      if (binding.scope === "singleton" && !binding.owner.parent) this.#captive(binding);
    }
    this.#configuration();
    return this.#problems;
  }

  #report(kind: VerificationProblemKind, message: string, path: readonly string[]): void {
    this.#problems.push({ kind, message: `${message} (${path.join(" → ")})` });
  }

  /** The names from what was looked at first to what is being looked at, and further. */
  #path(...further: readonly string[]): readonly string[] {
    return [...this.#trail].map(({ name }) => name).concat(further);
  }

  #visit(binding: Binding): void {
    if (this.#trail.has(binding)) {
      const path = this.#path(binding.name);
      const circle = path.slice([...this.#trail].indexOf(binding));
      this.#report("circular", "needs a lazy(() => …) somewhere", circle);
      return;
    }
    if (this.#needs.has(binding)) return;
    this.#trail.add(binding);
    const needs = this.#read(binding);
    this.#needs.set(binding, needs);
    for (const need of needs) this.#follow(binding, need);
    this.#trail.delete(binding);
  }

  #follow(binding: Binding, { key, kind, bindings }: Dependency): void {
    if (bindings.length === 0 && kind !== "optional") {
      const name = nameOf(key);
      const nearest = nearestName(name, this.#names);
      const hint = nearest ? `; did you mean ${nearest}?` : "";
      this.#report("missing", `nothing is bound to ${name}${hint}`, this.#path(name));
    }
    for (const found of bindings) {
      if (kind !== "lazy") {
        if (binding.source.kind === "class" && isAwaited(found)) {
          const message = `await getAsync(${found.name}) before this is asked for`;
          this.#report("async", message, this.#path(nameOf(key)));
        }
        this.#visit(found);
        continue;
      }
      // what is asked for later begins a way of its own
      const trail = this.#trail;
      this.#trail = new Set();
      this.#visit(found);
      this.#trail = trail;
    }
  }

  #read(binding: Binding): readonly Dependency[] {
    const { source } = binding;
    try {
      if (source.kind === "class") {
        const wiring = wiringOf(source.target);
        if (!wiring) {
          const message = "neither a static inject nor a decorator names its parameters";
          this.#report("invalid", message, this.#path());
          return [];
        }
        if (wiring.options?.kind === "section") {
          const section = sectionFor(binding, wiring.options.section);
          this.#sections.set(section.name, section);
        }
      }
      return dependenciesOf(this.#scope.table, binding);
    } catch (error) {
      this.#report("invalid", (error as Error).message, this.#path());
      return [];
    }
  }

  /** What a singleton keeps: itself and everything transient on the way. */
  #captive(singleton: Binding): void {
    const seen = new Set<Binding>();
    const look = (binding: Binding, path: readonly string[]): void => {
      for (const { key, kind, bindings } of this.#needs.get(binding) ?? []) {
        if (kind === "lazy") continue;
        for (const found of bindings) {
          if (seen.has(found)) continue;
          seen.add(found);
          const way = [...path, nameOf(key)];
          if (found.scope === "scoped") {
            this.#report("captive", "a singleton would keep something scoped", way);
          } else if (found.scope === "transient") {
            look(found, way);
          }
        }
      }
    };
    look(singleton, [singleton.name]);
  }

  #configuration(): void {
    if (this.#sections.size === 0 || !this.#scope.table.has(tokens.config.id)) return;
    try {
      const config = this.#scope.resolve(tokens.config.id) as Config;
      for (const message of config.check([...this.#sections.values()])) {
        this.#problems.push({ kind: "configuration", message });
      }
    } catch (error) {
      // what the container can't make has been reported above
      if (Object.values(diErrors.classes).some((candidate) => candidate.is(error))) return;
      this.#problems.push({ kind: "configuration", message: (error as Error).message });
    }
  }
}

/** Whether something has to be awaited before it can be had. */
function isAwaited({ source, scope, instance }: Binding): boolean {
  if (source.kind !== "asyncFactory" || scope === "scoped") return false;
  return scope !== "singleton" || instance === unmade;
}
