import { tokens } from "@infra/interfaces";

import { Binding, unmade } from "./binding.js";
import type { Compiled, Plan } from "./compile.js";
import { providedBy, nameOf, type AnyClass, type Key } from "./key.js";
import type { Scope } from "./scope.js";
import { findRegistration, type Registration } from "./tsyringe-registrations.js";
import { isDelayed } from "./wiring.js";

const lifecycles = ["transient", "singleton", "transient", "scoped"] as const;

/** What is bound in one container or scope, over what is bound in its parents, and the plans made of it. */
export class Table {
  readonly bindings = new Map<Key, Binding[]>();
  /** How to make what was asked for. */
  readonly plans = new Map<Key, Plan>();
  readonly compiled = new Map<Binding, Compiled>();
  /** The tables of scopes that bind something themselves: their plans rest on this table's. */
  children: Set<Table> | undefined;
  /** Classes that were wired without being bound; the outermost table has them. */
  #implicit: Map<AnyClass, Binding> | undefined;
  #adopted: WeakMap<Registration, Binding> | undefined;
  #self: Binding | undefined;

  constructor(
    readonly owner: Scope,
    readonly parent: Table | undefined,
  ) {
    if (parent) (parent.children ??= new Set()).add(this);
  }

  /** What answers to a key: a binding, else a registration of tsyringe, else the class itself. */
  lookup(key: Key, consumer?: AnyClass): Binding | undefined {
    return (
      this.bound(key, consumer) ??
      this.#registered(key) ??
      (typeof key === "function" ? this.owner.root.table.#unbound(key) : undefined)
    );
  }

  /** The binding or registration of a key; the last one counts, one made for the consumer before all. */
  bound(key: Key, consumer?: AnyClass): Binding | undefined {
    const list = this.bindings.get(key);
    return (
      (consumer && list?.findLast((binding) => binding.consumer === consumer)) ??
      list?.findLast((binding) => binding.consumer === undefined) ??
      (this.parent ? this.parent.bound(key, consumer) : this.#itself(key))
    );
  }

  /** The container answers to its token wherever nothing else was bound to it. */
  #itself(key: Key): Binding | undefined {
    if (key !== tokens.container.id) return undefined;
    const source = { kind: "value", value: this.owner.container } as const;
    return (this.#self ??= new Binding(this.owner, "container", source, "singleton", [key]));
  }

  /** Whether something was bound to the key, or registered with tsyringe. */
  has(key: Key): boolean {
    return (this.bound(key) ?? this.#registered(key)) !== undefined;
  }

  /** All bindings of a key, of the innermost table that has any. */
  all(key: Key): readonly Binding[] {
    const own = this.bindings.get(key)?.filter(({ consumer }) => consumer === undefined) ?? [];
    if (own.length > 0) return own;
    if (this.parent) return this.parent.all(key);
    const registered = this.#registered(key);
    return registered ? [registered] : [];
  }

  /** Every binding that this container sees, implicit ones included, each once. */
  everything(): Set<Binding> {
    const all = new Set([...this.bindings.values()].flat());
    for (const binding of this.#implicit?.values() ?? []) all.add(binding);
    for (const binding of this.parent?.everything() ?? []) all.add(binding);
    return all;
  }

  add(binding: Binding): void {
    for (const key of binding.keys) {
      const list = this.bindings.get(key);
      if (list) list.push(binding);
      else this.bindings.set(key, [binding]);
    }
    this.changed();
  }

  /** Takes the bindings of a key away, from the key only, but for those to keep. */
  remove(key: Key, keep: (binding: Binding) => boolean = () => false): void {
    const rest = this.bindings.get(key)?.filter(keep) ?? [];
    if (rest.length > 0) this.bindings.set(key, rest);
    else this.bindings.delete(key);
    if (typeof key === "function") this.#implicit?.delete(key);
    this.changed();
  }

  /** Forgets every plan that the change of a binding may have outdated. */
  changed(): void {
    if (this.plans.size > 0) this.plans.clear();
    if (this.compiled.size > 0) this.compiled.clear();
    if (this.children) for (const child of this.children) child.changed();
  }

  /** What is bound and wired here, to be put back later. */
  save(): () => void {
    const bindings = new Map([...this.bindings].map(([key, list]) => [key, [...list]]));
    const implicit = new Map(this.#implicit ?? []);
    const instances = new Map([...this.everything()].map((binding) => [binding, binding.instance]));
    return () => {
      this.bindings.clear();
      for (const [key, list] of bindings) this.bindings.set(key, [...list]);
      this.#implicit = new Map(implicit);
      for (const [binding, instance] of instances) binding.instance = instance;
      this.changed();
    };
  }

  #unbound(target: AnyClass): Binding {
    const implicit = (this.#implicit ??= new Map<AnyClass, Binding>());
    let binding = implicit.get(target);
    if (!binding) {
      const scope = providedBy(target) ? "singleton" : "transient";
      const source = { kind: "class", target } as const;
      binding = new Binding(this.owner, nameOf(target), source, scope, [target]);
      implicit.set(target, binding);
    }
    return binding;
  }

  #registered(key: Key): Binding | undefined {
    const found = findRegistration(this.owner.tsyringeInSight, key);
    if (!found) return undefined;
    const { registration } = found;
    const { root } = this.owner;
    const home = this.owner.ownerOf(found.owner);
    const adopted = (root.table.#adopted ??= new WeakMap<Registration, Binding>());
    let binding = adopted.get(registration);
    if (!binding) {
      const scope = lifecycles[registration.options.lifecycle];
      binding = new Binding(home ?? root, nameOf(key), sourceOf(registration), scope, [key]);
      binding.perResolution = registration.options.lifecycle === 2;
      // the instance that tsyringe itself would hand out, where the registration is this container's own
      if (home) binding.registration = registration;
      adopted.set(registration, binding);
    }
    if (home && !binding.making) binding.instance = registration.instance ?? unmade;
    return binding;
  }
}

function sourceOf({ provider }: Registration): Binding["source"] {
  const { useClass, useToken, useFactory, useValue } = provider;
  const delayed = [useClass, useToken].find(isDelayed);
  if (delayed) {
    return {
      kind: "tsyringeFactory",
      make: ({ container }) => delayed.createProxy((target) => container.get(target)),
    };
  }
  if (useClass) return { kind: "class", target: useClass };
  if (useToken !== undefined) return { kind: "alias", to: useToken as Key };
  if (useFactory) return { kind: "tsyringeFactory", make: ({ tsyringe }) => useFactory(tsyringe) };
  return { kind: "value", value: useValue };
}
