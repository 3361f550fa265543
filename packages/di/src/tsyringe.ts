// tsyringe refuses to load before this: the one place that imports it sees to the order
import "reflect-metadata";

export {
  container as globalContainer,
  delay,
  inject,
  injectable,
  injectAll,
  injectAllWithTransform,
  injectWithTransform,
  Lifecycle,
  registry,
  scoped,
  singleton,
} from "tsyringe";
export type { DependencyContainer, InjectionToken } from "tsyringe";
