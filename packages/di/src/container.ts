import { AsyncLocalStorage } from "node:async_hooks";

import {
  type Duration,
  type ManagedService,
  type ServiceContainer,
  type Token,
} from "@infra/interfaces";

import { BindingBuilder, type BindingTarget } from "./binding-builder.js";
import { disposeScope } from "./dispose.js";
import { LateBindingError } from "./errors.js";
import { graphOf, type DependencyGraph } from "./graph.js";
import { keyOf, keysOf, namedKey, type Bindable, type Key } from "./key.js";
import { createdBy, createManaged } from "./managed.js";
import type { GetOptions, Resolver } from "./resolver.js";
import type { Scope } from "./scope.js";
import { ContainerSnapshot } from "./snapshot.js";
import type { DependencyContainer } from "./tsyringe.js";
import { verifyTable } from "./verify.js";

/** Bindings that belong together. */
export type ContainerModule = (container: Container) => void;

/** Options of {@link Container.dispose}. */
export interface DisposeOptions {
  /** How long all of it may take together. @default "10s" */
  readonly timeout?: Duration;
  /** Calls off the waiting, as the end of the time does. */
  readonly signal?: AbortSignal;
}

let ambient: AsyncLocalStorage<Container> | undefined;

/**
 * Makes services of what they declare. `bind` says what stands for a token or class, `get` gives it; a class that can be
 * wired needs no binding. Made with `createContainer()`, or as a scope with {@link Container.createScope}.
 */
export class Container implements Resolver, ServiceContainer {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /**
   * Begins a binding. A key that is bound already keeps that binding for `getAll`; `get` gives the newest. Without an
   * explicit scope a class with `provides` is a singleton, any other a new instance each time.
   */
  bind<C extends abstract new (...args: never[]) => unknown>(
    what: C,
  ): BindingTarget<InstanceType<C>, C>;
  bind<T>(what: Bindable<T>): BindingTarget<T>;
  bind<T>(what: Bindable<T>): BindingTarget<T> {
    return new BindingBuilder(this.#scope, what, false);
  }

  /**
   * Begins a binding that takes the place of all others, of a class and of the token that it provides; works when there
   * is none. Singletons that depended on it are made anew when they are next asked for.
   */
  rebind<C extends abstract new (...args: never[]) => unknown>(
    what: C,
  ): BindingTarget<InstanceType<C>, C>;
  rebind<T>(what: Bindable<T>): BindingTarget<T>;
  rebind<T>(what: Bindable<T>): BindingTarget<T> {
    return new BindingBuilder(this.#scope, what, true);
  }

  /** Takes away what is bound to a class and the token that it provides, or to a token; what depended on it is dropped. */
  unbind(what: Bindable<unknown>): void {
    this.#scope.clear(keysOf(what, "unbind: what"));
  }

  isBound(what: Bindable<unknown>, options?: GetOptions): boolean {
    return this.#scope.table.has(keyFor(what, options));
  }

  get<T>(what: Bindable<T>, options?: GetOptions): T {
    return this.#scope.resolve(
      typeof what === "function" && options === undefined ? what : keyFor(what, options),
    ) as T;
  }

  async getAsync<T>(what: Bindable<T>, options?: GetOptions): Promise<T> {
    return (await this.#scope.resolveAsync(keyFor(what, options))) as T;
  }

  getAll<T>(what: Bindable<T>): T[] {
    return this.#scope.resolveAll(keyFor(what)) as T[];
  }

  /**
   * Binds a value that the caller owns, in place of what was bound.
   *
   * @throws LateBindingError when nothing was bound, and something that asks for it has been made without it.
   */
  provide<T>(token: Token<T>, value: T): void {
    const without = this.isBound(token)
      ? []
      : this.#scope.madeDependants(keysOf(token, "provide: token"));
    if (without.length > 0) {
      throw new LateBindingError(
        `${token.name} comes too late: ${without.join(", ")} asked for it and was made without it; make what provides it first`,
        { details: { without } },
      );
    }
    this.rebind(token).toConstantValue(value);
  }

  /** Calls a module with this container, once. */
  load(...modules: readonly ContainerModule[]): this {
    const loaded = (this.#scope.loaded ??= new Set());
    for (const module of modules) {
      if (loaded.has(module)) continue;
      loaded.add(module);
      module(this);
    }
    return this;
  }

  /**
   * A container within this one, for a request or a job: it has its own instances of what is bound `inScopedScope()`,
   * may have bindings of its own, and is disposed by itself or, at the latest, with this one.
   */
  createScope(): Container {
    return this.#scope.child().container;
  }

  /** Runs a function with this scope as {@link Container.current}, also in what it awaits. */
  run<R>(work: () => R): R {
    ambient ??= new AsyncLocalStorage();
    return ambient.run(this, work);
  }

  /** The scope that {@link Container.run} set, if it is one within this container; else this container. */
  get current(): Container {
    const running = ambient?.getStore();
    if (!running) return this;
    for (let at: Scope | undefined = running.#scope; at; at = at.parent) {
      if (at === this.#scope) return running;
    }
    return this;
  }

  /** The managed singletons made so far, in the order of their making. */
  created(): readonly ManagedService[] {
    return createdBy(this.#scope);
  }

  /**
   * Makes every singleton that is bound to a class with a life (`start`, `stop`, `health` or a way to dispose it) or to a
   * factory, and returns those that are managed, dependencies first. What an asynchronous factory makes is among them
   * once `getAsync` has made it.
   */
  managed(): readonly ManagedService[] {
    return createManaged(this.#scope);
  }

  /**
   * Looks for what can't work, without making a service other than the configuration: what is missing, circles,
   * singletons that keep something scoped, what waits for an asynchronous factory, and mistakes in the configuration of
   * every bound class.
   *
   * @throws VerificationError that lists everything.
   */
  verify(): void {
    verifyTable(this.#scope);
  }

  /** Everything that is bound or was wired, and what needs what. */
  graph(): DependencyGraph {
    return graphOf(this.#scope.table);
  }

  /** Remembers the bindings and instances of this container, for {@link Container.restore}. */
  snapshot(): ContainerSnapshot {
    return new ContainerSnapshot(this.#scope);
  }

  /** Goes back to a snapshot: what was bound or made since is forgotten, and disposed with the container. */
  restore(snapshot: ContainerSnapshot): void {
    snapshot.restore(this.#scope);
  }

  /**
   * tsyringe's own container: what is registered there resolves here, and what is bound here resolves there. The default
   * container's is tsyringe's global one, which its decorators register with.
   */
  get tsyringe(): DependencyContainer {
    return this.#scope.tsyringe;
  }

  /**
   * Disposes what this container made, in reverse order, one after the other, scopes first; every one is called, whatever
   * others throw. Idempotent.
   *
   * @throws DisposalError that names what failed and what overran the time.
   */
  dispose(options: DisposeOptions = {}): Promise<void> {
    return disposeScope(this.#scope, options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

function keyFor(what: Bindable<unknown>, options?: GetOptions): Key {
  const key = keyOf(what, "what");
  return options?.name === undefined ? key : namedKey(key, options.name);
}
