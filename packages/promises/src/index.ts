export { abortable } from "./abortable.js";
export { allConcurrent, type AllResults } from "./all-concurrent.js";
export { AsyncScope } from "./async-scope.js";
export { backoffMs, type BackoffOptions } from "./backoff.js";
export { Batcher, type BatcherOptions, type BatchHandler } from "./batcher.js";
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitEvent,
} from "./circuit-breaker.js";
export type { CircuitSnapshot, CircuitState, CircuitStats } from "./circuit-breaker.js";
export { Deadline, type DeadlineOptions } from "./deadline.js";
export { debounce, type DebounceOptions, type PutOff } from "./debounce.js";
export { deferred, type Deferred } from "./deferred.js";
export { CircuitOpenError, promisesErrors, QueueFullError, TimedOutError } from "./errors.js";
export { filterConcurrent } from "./filter-concurrent.js";
export { hedge, type HedgeOptions } from "./hedge.js";
export { isRetryable, retryAfterMsOf } from "./is-retryable.js";
export { KeyedMutex } from "./keyed-mutex.js";
export { limiter, type Limiter, type LimiterOptions } from "./limiter.js";
export { linkSignals, type LinkedSignal } from "./link-signals.js";
export { mapConcurrent, type ConcurrentOptions, type Mapper } from "./map-concurrent.js";
export { mapIterable } from "./map-iterable.js";
export { memoise, type Memoised, type MemoiseOptions } from "./memoise.js";
export { Mutex } from "./mutex.js";
export { combine, hedgePolicy, retryPolicy, timeoutPolicy, type Policy } from "./policy.js";
export { pollUntil, type NotYet, type PollOptions } from "./poll-until.js";
export { ReadWriteLock } from "./read-write-lock.js";
export { retry, type AttemptContext, type RetryEvent, type RetryOptions } from "./retry.js";
export { RetryBudget, type RetryBudgetOptions } from "./retry-budget.js";
export { Semaphore, type Permit, type SemaphoreOptions } from "./semaphore.js";
export { settleConcurrent } from "./settle-concurrent.js";
export { SingleFlight } from "./single-flight.js";
export { sleep, type SleepOptions } from "./sleep.js";
export { throttle, type ThrottleOptions } from "./throttle.js";
export type { TripOptions } from "./trip-rule.js";
export { withFallback, type FallbackOptions } from "./with-fallback.js";
export { withTimeout, type TimeoutOptions } from "./with-timeout.js";
export type { WaitOptions, Work, WorkContext } from "./work.js";
