import { inspect } from "node:util";

import type { Constructor } from "@infra/interfaces";

import { Binding, type BindingScope, type BindingSource } from "./binding.js";
import {
  keyOf,
  keysOf,
  namedKey,
  nameOf,
  providedBy,
  type AnyClass,
  type Bindable,
  type Key,
} from "./key.js";
import type { Resolver } from "./resolver.js";
import type { Scope } from "./scope.js";

/** What `.withOptions()` takes: part of the constructor's first parameter. */
export type OptionsOf<C> = C extends abstract new (...args: infer P) => unknown
  ? P extends readonly [(infer O)?, ...unknown[]]
    ? Partial<NonNullable<O>>
    : never
  : never;

/** How a binding is kept, configured and told from others. */
export interface BindingSettings<T, C = unknown> {
  /** One instance, kept as long as the container. */
  inSingletonScope(): this;
  /** One instance per scope, disposed with it. */
  inScopedScope(): this;
  /** A new instance each time; it is disposed by whoever asked for it. */
  inTransientScope(): this;
  /** Adds to the class's options what configuration can't hold, over its section. */
  withOptions(options: OptionsOf<C>): this;
  /**
   * Makes this a second instance, apart from the plain one: asked for with `get(what, { name })` or as
   * `token("<name>.<label>")`. Its section is its own: `database` named `reporting` reads `databaseReporting`, and
   * `REPORTING_DATABASE_URL` in place of `DATABASE_URL`.
   */
  named(label: string): this;
  /** Makes this what one class gets; all others get what is bound without. */
  whenInjectedInto(consumer: AnyClass): this;
  /**
   * Disposes the instance with the container by calling `dispose`; without an argument in the instance's own way, also
   * for a value, which is otherwise its maker's to dispose.
   */
  onDispose(dispose?: (instance: T) => unknown): this;
}

/** What something is bound to. */
export interface BindingTarget<T, C = unknown> {
  /** The class itself, which then also answers to the token that it `provides`. */
  toSelf(): BindingSettings<T, C>;
  to<D extends Constructor<T>>(target: D): BindingSettings<T, D>;
  /** A value that the caller owns: it is neither started nor disposed, unless `.onDispose()` asks for it. */
  toConstantValue(value: T): BindingSettings<T>;
  /** What a function makes: each time, unless a scope says otherwise. */
  toFactory(make: (resolver: Resolver) => T): BindingSettings<T>;
  /** What a function makes and `getAsync` awaits: once, unless a scope says otherwise. */
  toAsyncFactory(make: (resolver: Resolver) => Promise<T>): BindingSettings<T>;
  /** Whatever another token or class stands for: the same instance. */
  toAlias(other: Bindable<T>): BindingSettings<T>;
}

/** What `bind` and `rebind` return: nothing is bound until one of the methods of `BindingTarget` is called. */
export class BindingBuilder<T> implements BindingTarget<T>, BindingSettings<T> {
  readonly #scope: Scope;
  readonly #keys: readonly Key[];
  readonly #replace: boolean;
  #made: Binding | undefined;

  /** @param replace - whether other bindings of the class and of what it provides are taken away first. */
  constructor(scope: Scope, what: Bindable<T>, replace: boolean) {
    this.#scope = scope;
    this.#keys = keysOf(what, replace ? "rebind: what" : "bind: what");
    this.#replace = replace;
  }

  toSelf(): this {
    const [key] = this.#keys;
    if (typeof key !== "function") {
      throw new TypeError(`toSelf: ${nameOf(key!)} is a token; bind it with to(Class)`);
    }
    return this.#class(key);
  }

  to(target: Constructor<T>): this {
    if (typeof target !== "function") {
      throw new TypeError(`to: target must be a class, got ${inspect(target, { depth: 0 })}`);
    }
    return this.#class(target);
  }

  toConstantValue(value: T): this {
    return this.#bind({ kind: "value", value }, "singleton");
  }

  toFactory(make: (resolver: Resolver) => T): this {
    return this.#bind({ kind: "factory", make: checked(make, "toFactory") }, "transient");
  }

  toAsyncFactory(make: (resolver: Resolver) => Promise<T>): this {
    return this.#bind({ kind: "asyncFactory", make: checked(make, "toAsyncFactory") }, "singleton");
  }

  toAlias(other: Bindable<T>): this {
    return this.#bind({ kind: "alias", to: keyOf(other, "toAlias: other") }, "transient");
  }

  inSingletonScope(): this {
    this.#binding.scope = "singleton";
    return this.#changed();
  }

  inScopedScope(): this {
    this.#binding.scope = "scoped";
    return this.#changed();
  }

  inTransientScope(): this {
    this.#binding.scope = "transient";
    return this.#changed();
  }

  withOptions(options: object): this {
    if (typeof options !== "object" || options === null) {
      throw new TypeError(`withOptions: options must be an object, got ${inspect(options)}`);
    }
    const binding = this.#binding;
    if (binding.source.kind !== "class") {
      throw new TypeError(`withOptions: ${binding.name} is not bound to a class`);
    }
    binding.options = { ...binding.options, ...options };
    return this.#changed();
  }

  named(label: string): this {
    if (typeof label !== "string" || !/^[A-Za-z][\w.-]*$/.test(label)) {
      throw new TypeError(
        `named: label must be a word such as "reporting", got ${inspect(label, { depth: 0 })}`,
      );
    }
    const binding = this.#binding;
    this.#scope.unbind(binding);
    binding.rename(namedKey(this.#keys[0]!, label), label);
    this.#scope.bind(binding);
    return this;
  }

  whenInjectedInto(consumer: AnyClass): this {
    keyOf(consumer, "whenInjectedInto: consumer");
    this.#binding.consumer = consumer;
    return this.#changed();
  }

  onDispose(dispose?: (instance: T) => unknown): this {
    const binding = this.#binding;
    binding.disposal = (dispose as ((instance: unknown) => unknown) | undefined) ?? "own";
    if (binding.source.kind === "value") this.#scope.keep(binding, binding.source.value);
    return this;
  }

  get #binding(): Binding {
    if (this.#made) return this.#made;
    throw new TypeError(`bind: ${nameOf(this.#keys[0]!)} was not yet said to be bound to anything`);
  }

  #class(target: AnyClass): this {
    return this.#bind({ kind: "class", target }, providedBy(target) ? "singleton" : "transient");
  }

  #bind(source: BindingSource, scope: BindingScope): this {
    if (this.#replace) this.#scope.clear(this.#keys);
    this.#made = new Binding(this.#scope, nameOf(this.#keys[0]!), source, scope, this.#keys);
    this.#scope.bind(this.#made);
    return this;
  }

  #changed(): this {
    this.#scope.table.changed();
    return this;
  }
}

function checked<F>(make: F, method: string): F {
  if (typeof make !== "function") {
    throw new TypeError(`${method}: make must be a function, got ${inspect(make, { depth: 0 })}`);
  }
  return make;
}
