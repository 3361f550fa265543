import type { Managed } from "./managed.js";
import type { Token } from "./token.js";

/** A service with a life that a container made, and what it was wired to. */
export interface ManagedService {
  /** The name of the service's token, or of its class. */
  readonly name: string;
  readonly service: Managed;
  /** The names of the managed services that it was given, directly or through something that has no life itself. */
  readonly dependencies: readonly string[];
}

/**
 * What a lifecycle needs of a container. The default container announces itself as
 * `globalThis[Symbol.for("infra.container")]`, so that a lifecycle made without options finds it.
 */
export interface ServiceContainer {
  /** Binds a value that the caller owns: the container neither starts nor stops it. */
  provide<T>(token: Token<T>, value: T): void;
  /** The managed services created so far, in the order of their creation. */
  created(): readonly ManagedService[];
  /** Creates every bound singleton that is managed, and returns all of them, dependencies first. */
  managed(): readonly ManagedService[];
  /**
   * Checks the bindings and the configuration sections of every bound class, without creating a service.
   *
   * @throws an error that lists every mistake at once.
   */
  verify(): void;
}
