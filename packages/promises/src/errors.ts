import { defineErrors, shape, TimeoutError, UnavailableError } from "@infra/errors";

// marked as pure, so that a bundler leaves out what a program does not use
/** The errors of this package, with their codes. */
export const promisesErrors = /* @__PURE__ */ defineErrors({
  TimedOutError: {
    code: "ERR_PROMISES_TIMEOUT",
    when: "Work took longer than its time-out, a deadline passed, or a poll never got its answer.",
    extends: TimeoutError,
    details: /* @__PURE__ */ shape<{ readonly timeoutMs: number }>(),
  },
  CircuitOpenError: {
    code: "ERR_PROMISES_CIRCUIT_OPEN",
    when: "A circuit breaker refuses the call: what it protects has been failing.",
    extends: UnavailableError,
    details: /* @__PURE__ */ shape<{ readonly name: string; readonly retryAfterMs: number }>(),
  },
  QueueFullError: {
    code: "ERR_PROMISES_QUEUE_FULL",
    when: "As many callers as `maxWaiting` allows are waiting already.",
    extends: UnavailableError,
    details: /* @__PURE__ */ shape<{ readonly concurrency: number; readonly maxWaiting: number }>(),
  },
});

/** Work took longer than it may, and was aborted. */
export const TimedOutError = /* @__PURE__ */ (() => promisesErrors.classes.TimedOutError)();
export type TimedOutError = InstanceType<typeof TimedOutError>;

/** What the breaker protects is not called for now; `details.retryAfterMs` says when to come back. */
export const CircuitOpenError = /* @__PURE__ */ (() => promisesErrors.classes.CircuitOpenError)();
export type CircuitOpenError = InstanceType<typeof CircuitOpenError>;

/** The queue in front of a limited resource is full. */
export const QueueFullError = /* @__PURE__ */ (() => promisesErrors.classes.QueueFullError)();
export type QueueFullError = InstanceType<typeof QueueFullError>;
