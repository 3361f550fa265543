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

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#names = [...scope.table.everything()].map(({ name }) => name);
  }

  run(): readonly VerificationProblem[] {
    const all = [...this.#scope.table.everything()];
    for (const binding of all) this.#visit(binding, []);
    for (const binding of this.#needs.keys()) {
      if (binding.scope === "singleton" && !binding.owner.parent) this.#captive(binding);
    }
    this.#configuration();
    return this.#problems;
  }

  #report(kind: VerificationProblemKind, message: string, path: readonly string[]): void {
    this.#problems.push({ kind, message: `${message} (${path.join(" → ")})` });
  }

  #visit(binding: Binding, trail: readonly Binding[]): void {
    const path = [...trail, binding].map(({ name }) => name);
    if (trail.includes(binding)) {
      this.#report(
        "circular",
        "needs a lazy(() => …) somewhere",
        path.slice(trail.indexOf(binding)),
      );
      return;
    }
    if (this.#needs.has(binding)) return;
    const needs = this.#read(binding, path);
    this.#needs.set(binding, needs);
    for (const { key, kind, bindings } of needs) {
      const name = nameOf(key);
      if (bindings.length === 0 && kind !== "optional") {
        const nearest = nearestName(name, this.#names);
        const hint = nearest ? `; did you mean ${nearest}?` : "";
        this.#report("missing", `nothing is bound to ${name}${hint}`, [...path, name]);
      }
      for (const found of bindings) {
        if (kind !== "lazy" && binding.source.kind === "class") this.#async(found, [...path, name]);
        this.#visit(found, kind === "lazy" ? [] : [...trail, binding]);
      }
    }
  }

  #read(binding: Binding, path: readonly string[]): readonly Dependency[] {
    const { source } = binding;
    try {
      if (source.kind === "class") {
        const wiring = wiringOf(source.target);
        if (!wiring) {
          this.#report(
            "invalid",
            "neither a static inject nor a decorator names its parameters",
            path,
          );
          return [];
        }
        if (wiring.options?.kind === "section") {
          const section = sectionFor(binding, wiring.options.section);
          this.#sections.set(section.name, section);
        }
      }
      return dependenciesOf(this.#scope.table, binding);
    } catch (error) {
      this.#report("invalid", (error as Error).message, path);
      return [];
    }
  }

  #async(found: Binding, path: readonly string[]): void {
    if (found.source.kind !== "asyncFactory" || found.scope === "scoped") return;
    if (found.scope === "singleton" && found.instance !== unmade) return;
    this.#report("async", `await getAsync(${found.name}) before this is asked for`, path);
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
