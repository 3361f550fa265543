import type { Bindable } from "./key.js";

/** Options of {@link Resolver.get} and {@link Resolver.getAsync}. */
export interface GetOptions {
  /** The instance that was bound with `.named(…)`. */
  readonly name?: string;
}

/** What factories are given, and what a container is to those who only ask. */
export interface Resolver {
  /**
   * The instance for a token or class.
   *
   * @throws NotBoundError, NotWireableError, CircularDependencyError, CaptiveDependencyError, AsyncDependencyError,
   * each with the whole path; whatever a constructor or factory throws, as it is.
   */
  get<T>(what: Bindable<T>, options?: GetOptions): T;
  /** Like {@link Resolver.get}, after what asynchronous factories have to make for it is made. */
  getAsync<T>(what: Bindable<T>, options?: GetOptions): Promise<T>;
  /** The instances of all bindings of a token or class, in the order of binding; empty when there is none. */
  getAll<T>(what: Bindable<T>): T[];
  /** Whether something was bound; a class that could be wired without a binding is not. */
  isBound(what: Bindable<unknown>, options?: GetOptions): boolean;
}
