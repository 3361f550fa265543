import { unmade, type Binding } from "./binding.js";
import { compile } from "./compile.js";
import { Container } from "./container.js";
import { dependantsOf } from "./dependencies.js";
import { ContainerDisposedError } from "./errors.js";
import type { Key } from "./key.js";
import { Living, wantsToLive } from "./living.js";
import { resolve, resolveAll, resolveAsync } from "./resolve.js";
import { Table } from "./table.js";
import { generation, mirror, watch } from "./tsyringe-registrations.js";
import { globalContainer, type DependencyContainer } from "./tsyringe.js";

const scopes = new WeakMap<DependencyContainer, Scope>();

/** The inside of a container: what it has made, and whose child it is. */
export class Scope {
  readonly root: Scope;
  readonly container: Container;
  table: Table;
  /** What lives as long as this scope. */
  instances: Map<Binding, unknown> | undefined;
  /** What has a life and was made here, in the order of its making. */
  living: Living[] | undefined;
  children: Set<Scope> | undefined;
  /** How many singletons of this scope are being made right now, one inside the other. */
  making = 0;
  /** What asynchronous factories are making right now. */
  pending: Map<Binding, Promise<unknown>> | undefined;
  /** The generation of tsyringe's registrations that the plans were made of; the outermost scope's counts. */
  generation = generation;
  /** The modules that were loaded. */
  loaded: Set<unknown> | undefined;
  disposal: Promise<void> | undefined;
  #tsyringe: DependencyContainer | undefined;
  #mirrored: Set<Key> | undefined;

  constructor(
    readonly parent: Scope | undefined,
    /** The one container that shares tsyringe's own global container. */
    readonly isDefault = false,
  ) {
    this.root = parent?.root ?? this;
    this.table = parent?.table ?? new Table(this, undefined);
    this.container = new Container(this);
  }

  /** The table to bind in: a scope gets one of its own with its first binding. */
  get ownTable(): Table {
    if (this.table.owner !== this) {
      this.table = new Table(this, this.table);
      this.#join();
    }
    return this.table;
  }

  resolve(key: Key): unknown {
    return resolve(this, key);
  }

  resolveAll(key: Key): unknown[] {
    return resolveAll(this, key);
  }

  resolveAsync(key: Key, waiting: readonly Binding[] = []): Promise<unknown> {
    return resolveAsync(this, key, waiting);
  }

  reachesScoped(key: Key): boolean {
    return compile(this.table, key).scopedPath !== undefined;
  }

  bind(binding: Binding): void {
    if (this.disposal) {
      throw new ContainerDisposedError(
        `${binding.name} was to be bound after the container was disposed`,
      );
    }
    this.ownTable.add(binding);
    if (this.isDefault) void this.tsyringe;
    if (this.#tsyringe) for (const key of binding.keys) this.#mirror(key);
  }

  /** Takes away all bindings of these keys, and what was made with them. */
  clear(keys: readonly Key[]): void {
    this.dropDependants(keys);
    for (const key of keys) this.ownTable.remove(key);
  }

  unbind(binding: Binding): void {
    for (const key of binding.keys) this.table.remove(key, (other) => other !== binding);
  }

  /** Keeps what was made, to be disposed with the scope if it has a life. */
  keep(binding: Binding, instance: unknown): void {
    if (!wantsToLive(binding, instance)) return;
    (this.living ??= []).push(new Living(binding, instance));
    this.#join();
  }

  /** A tsyringe container that finds what is bound here: the global one for the default container. */
  get tsyringe(): DependencyContainer {
    if (!this.#tsyringe) {
      this.#tsyringe = this.isDefault
        ? globalContainer
        : (this.parent?.tsyringe ?? globalContainer).createChildContainer();
      scopes.set(this.#tsyringe, this);
      watch(this.#tsyringe);
      this.#mirrored = new Set();
      // what is registered there from now on is this scope's alone
      for (const key of this.ownTable.bindings.keys()) this.#mirror(key);
    }
    return this.#tsyringe;
  }

  /** The nearest tsyringe container that has been made. */
  get tsyringeInSight(): DependencyContainer {
    return this.#tsyringe ?? this.parent?.tsyringeInSight ?? globalContainer;
  }

  /** The scope that a tsyringe container belongs to, if it is one of this family. */
  ownerOf(container: DependencyContainer): Scope | undefined {
    if (container === globalContainer) return this.root.isDefault ? this.root : undefined;
    const owner = scopes.get(container);
    return owner?.root === this.root ? owner : undefined;
  }

  /** The names of the singletons that were made with, or without, what these keys stand for. */
  madeDependants(keys: readonly Key[]): string[] {
    return [...dependantsOf(this.table, keys)]
      .filter((binding) => binding.owner === this && binding.instance !== unmade)
      .map(({ name }) => name);
  }

  /** Lets go of what depends on these keys: it is made anew when asked for, and still disposed in the end. */
  dropDependants(keys: readonly Key[]): void {
    for (const binding of dependantsOf(this.table, keys)) {
      if (binding.owner === this && !binding.making) binding.instance = unmade;
      this.instances?.delete(binding);
    }
    for (const child of this.children ?? []) child.dropDependants(keys);
  }

  /** A scope within this one. */
  child(): Scope {
    return new Scope(this);
  }

  leave(): void {
    this.parent?.children?.delete(this);
    if (this.table.owner === this) this.parent?.table.children?.delete(this.table);
  }

  /** Makes the parent know this scope, to dispose it with itself; one that holds nothing can be forgotten instead. */
  #join(): void {
    if (!this.parent) return;
    (this.parent.children ??= new Set()).add(this);
    this.parent.#join();
  }

  #mirror(key: Key): void {
    if (!this.#tsyringe || !this.#mirrored || this.#mirrored.has(key)) return;
    this.#mirrored.add(key);
    mirror(this.#tsyringe, key, (asking) => resolve(scopes.get(asking) ?? this, key));
  }
}
