import { defineErrors, shape, TimeoutError, UnavailableError } from "@infra/errors";

/** The errors of this package, with their codes. */
export const promisesErrors = defineErrors({
  TimedOutError: {
    code: "ERR_PROMISES_TIMEOUT",
    when: "Work took longer than its time-out, a deadline passed, or a poll never got its answer.",
    extends: TimeoutError,
    details: shape<{ readonly timeoutMs: number }>(),
  },
  CircuitOpenError: {
    code: "ERR_PROMISES_CIRCUIT_OPEN",
    when: "A circuit breaker refuses the call: what it protects has been failing.",
    extends: UnavailableError,
    details: shape<{ readonly name: string; readonly retryAfterMs: number }>(),
  },
  QueueFullError: {
    code: "ERR_PROMISES_QUEUE_FULL",
    when: "As many callers as `maxWaiting` allows are waiting already.",
    extends: UnavailableError,
    details: shape<{ readonly concurrency: number; readonly maxWaiting: number }>(),
  },
});

/** Work took longer than it may, and was aborted. */
export const TimedOutError = promisesErrors.classes.TimedOutError;
export type TimedOutError = InstanceType<typeof TimedOutError>;

/** What the breaker protects is not called for now; `details.retryAfterMs` says when to come back. */
export const CircuitOpenError = promisesErrors.classes.CircuitOpenError;
export type CircuitOpenError = InstanceType<typeof CircuitOpenError>;

/** The queue in front of a limited resource is full. */
export const QueueFullError = promisesErrors.classes.QueueFullError;
export type QueueFullError = InstanceType<typeof QueueFullError>;
