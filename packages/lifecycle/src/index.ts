export { ApplicationLifecycle } from "./application-lifecycle.js";
export { lifecycleConfig } from "./config.js";
export {
  CircularHooksError,
  DuplicateNameError,
  HookTimeoutError,
  lifecycleErrors,
  LifecycleStateError,
  StartupError,
  UnknownDependencyError,
} from "./errors.js";
export type { HealthCheck, HealthCheckOptions } from "./health-checks.js";
export type {
  ShutdownHook,
  ShutdownHookOptions,
  StartupHook,
  StartupHookOptions,
} from "./hooks.js";
export type { LifecycleDependencies, LifecycleOptions } from "./lifecycle-options.js";
export { formatReport } from "./report.js";
export type { ManageOptions } from "./services.js";
export type { LifecycleReport, StepReport } from "@infra/interfaces";
