import { nameOf, type AnyClass, type Key } from "./key.js";
import type { Resolver } from "./resolver.js";
import type { Scope } from "./scope.js";

/** How long what a binding makes is kept. */
export type BindingScope = "singleton" | "scoped" | "transient";

/** What a binding makes its instances of. */
export type BindingSource =
  | { readonly kind: "class"; readonly target: AnyClass }
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "factory"; readonly make: (resolver: Resolver) => unknown }
  | { readonly kind: "asyncFactory"; readonly make: (resolver: Resolver) => Promise<unknown> }
  | { readonly kind: "tsyringeFactory"; readonly make: (scope: Scope) => unknown }
  | { readonly kind: "alias"; readonly to: Key };

/** Stands for "not made yet", so that `undefined` can be an instance. */
export const unmade: unique symbol = Symbol("unmade");

/** One line of the container's table, and the singleton that came of it. */
export class Binding {
  /** The singleton. */
  instance: unknown = unmade;
  /** A singleton is being made right now. */
  making = false;
  /** What `.withOptions()` added. */
  options: object | undefined;
  /** What `.named()` said. */
  label: string | undefined;
  /** The one class that this binding is for. */
  consumer: AnyClass | undefined;
  /** What `.onDispose()` asked for: the instance's own way, or a function. */
  disposal: "own" | ((instance: unknown) => unknown) | undefined;
  /** Made once per `get`, as tsyringe's ResolutionScoped says. */
  perResolution = false;
  /** Where tsyringe keeps the same singleton. */
  registration: { instance?: unknown } | undefined;
  /** What a factory asked for when it ran. */
  seen: Set<Key> | undefined;

  constructor(
    /** The container or scope that the binding was made in, and that its singleton lives in. */
    readonly owner: Scope,
    public name: string,
    readonly source: BindingSource,
    public scope: BindingScope,
    public keys: readonly Key[],
  ) {}

  /** Makes this a second instance with a key of its own. */
  rename(key: symbol, label: string): void {
    this.keys = [key];
    this.name = nameOf(key);
    this.label = label;
  }
}
