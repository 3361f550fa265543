export { createContainer } from "./create-container.js";
export type { BindingSettings, BindingTarget, OptionsOf } from "./binding-builder.js";
export type { BindingScope } from "./binding.js";
export type { Container, ContainerModule, DisposeOptions } from "./container.js";
export {
  delay,
  inject,
  injectable,
  injectAll,
  injectAllWithTransform,
  injectWithTransform,
  registry,
  scoped,
  singleton,
  TsyringeLifecycle,
  type DecoratorToken,
} from "./decorators.js";
export { container } from "./default-container.js";
export type { DependencyKind } from "./dependencies.js";
export {
  AsyncDependencyError,
  CaptiveDependencyError,
  CircularDependencyError,
  ContainerDisposedError,
  diErrors,
  DisposalError,
  LateBindingError,
  NotBoundError,
  NotWireableError,
  VerificationError,
} from "./errors.js";
export type { DependencyGraph, GraphEdge, GraphNode } from "./graph.js";
export type { AnyClass, Bindable } from "./key.js";
export type { GetOptions, Resolver } from "./resolver.js";
export type { ContainerSnapshot } from "./snapshot.js";
export type { VerificationProblem, VerificationProblemKind } from "./verify.js";
