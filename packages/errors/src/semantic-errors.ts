import { InfraError, type ErrorDetails, type InfraErrorOptions } from "./infra-error.js";

/** One thing that is wrong with an input. */
export interface ValidationIssue {
  /** Where, as a path into the input: `["items", 0, "name"]`; empty for the input itself. */
  readonly path: readonly (string | number)[];
  /** What was expected, in words for a person; never quotes a secret. */
  readonly message: string;
  /** A stable word for the kind of mistake, such as `too_long`. */
  readonly code?: string;
}

/** The input was refused: `details.issues` says where and why. HTTP 400. */
export class ValidationError extends InfraError<{ readonly issues: readonly ValidationIssue[] }> {
  static override readonly kind: string = "ValidationError";
  static override readonly code: string = "ERR_VALIDATION";
  static override readonly status: number = 400;

  constructor(
    message: string,
    options: InfraErrorOptions & { readonly issues?: readonly ValidationIssue[] } = {},
  ) {
    super(message, options as InfraErrorOptions<{ readonly issues: readonly ValidationIssue[] }>);
    const { details, issues = details?.["issues"] } = options;
    setDetails(this, { ...details, issues: Array.isArray(issues) ? issues : [] });
  }
}

/** Nobody is logged in, or not with this credential. HTTP 401. */
export class UnauthenticatedError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "UnauthenticatedError";
  static override readonly code: string = "ERR_UNAUTHENTICATED";
  static override readonly status: number = 401;
}

/** Who is logged in may not do this. HTTP 403. */
export class ForbiddenError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "ForbiddenError";
  static override readonly code: string = "ERR_FORBIDDEN";
  static override readonly status: number = 403;
}

/** What was asked for does not exist. HTTP 404. */
export class NotFoundError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "NotFoundError";
  static override readonly code: string = "ERR_NOT_FOUND";
  static override readonly status: number = 404;
}

/** The state of things does not allow it: a duplicate, a stale version. HTTP 409. */
export class ConflictError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "ConflictError";
  static override readonly code: string = "ERR_CONFLICT";
  static override readonly status: number = 409;
}

/** Too many of these for now. HTTP 429. */
export class RateLimitedError extends InfraError<{ readonly retryAfterMs?: number }> {
  static override readonly kind: string = "RateLimitedError";
  static override readonly code: string = "ERR_RATE_LIMITED";
  static override readonly status: number = 429;
  static override readonly retryable: boolean = true;

  /** A wait that is no number of milliseconds, zero or more, counts as unknown. */
  constructor(
    message: string,
    options: InfraErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    const { retryAfterMs: given, ...details } = this.details;
    const { retryAfterMs = given } = options;
    const known = typeof retryAfterMs === "number" && retryAfterMs >= 0 && retryAfterMs < Infinity;
    setDetails(this, known ? { ...details, retryAfterMs } : details);
  }

  /** How long to wait before trying again, in milliseconds; `undefined` when nobody knows. */
  get retryAfterMs(): number | undefined {
    return this.details.retryAfterMs;
  }
}

/** The one who asked gave up. HTTP 499, as nginx has it. */
export class CancelledError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "CancelledError";
  static override readonly code: string = "ERR_CANCELLED";
  static override readonly status: number = 499;
}

/** Our own fault. HTTP 500. */
export class InternalError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "InternalError";
  static override readonly code: string = "ERR_INTERNAL";
}

/** Something that this depends on does not answer or is going away. HTTP 503. */
export class UnavailableError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "UnavailableError";
  static override readonly code: string = "ERR_UNAVAILABLE";
  static override readonly status: number = 503;
  static override readonly retryable: boolean = true;
}

/** It took longer than it may. HTTP 504. */
export class TimeoutError<D extends ErrorDetails = ErrorDetails> extends InfraError<D> {
  static override readonly kind: string = "TimeoutError";
  static override readonly code: string = "ERR_TIMEOUT";
  static override readonly status: number = 504;
  static override readonly retryable: boolean = true;
}

/** A constructor's last word on the details, once `super` has taken the options as they are: quicker than a copy of them. */
function setDetails<D extends ErrorDetails>(error: InfraError<D>, details: D): void {
  (error as { details: D }).details = details;
}

/** The semantic classes. */
export const semanticErrors = [
  ValidationError,
  UnauthenticatedError,
  ForbiddenError,
  NotFoundError,
  ConflictError,
  RateLimitedError,
  CancelledError,
  InternalError,
  UnavailableError,
  TimeoutError,
] as const;
