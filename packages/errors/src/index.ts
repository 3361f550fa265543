export { defineErrors, shape } from "./define-errors.js";
export type {
  DefinedErrorClass,
  ErrorDefinition,
  ErrorOf,
  ErrorRegistry,
} from "./define-errors.js";
export { driverErrorOf, driverErrors, toInfraError } from "./driver-errors.js";
export type { DriverErrorEntry, DriverErrorTable } from "./driver-errors.js";
export { ErrorReporterService } from "./error-reporter-service.js";
export type {
  ErrorReport,
  ErrorReporterDependencies,
  ErrorReporterOptions,
  ErrorReporterStats,
  ErrorSink,
} from "./error-reporter-service.js";
export { fingerprint } from "./fingerprint.js";
export { fromJSON, type ErrorClasses } from "./from-json.js";
export { importPeer, PeerMissingError } from "./import-peer.js";
export { InfraError } from "./infra-error.js";
export type { ErrorDetails, InfraErrorClass, InfraErrorOptions } from "./infra-error.js";
export { toProblemDetails, type ProblemDetails } from "./problem-details.js";
export {
  CancelledError,
  ConflictError,
  ForbiddenError,
  InternalError,
  NotFoundError,
  RateLimitedError,
  TimeoutError,
  UnauthenticatedError,
  UnavailableError,
  ValidationError,
  type ValidationIssue,
} from "./semantic-errors.js";
export { serialiseError, type SerialisedError, type SerialiseErrorOptions } from "./serialise.js";
export { isError, toError } from "./to-error.js";
export { onUncaughtError, type UncaughtOrigin } from "./uncaught.js";
