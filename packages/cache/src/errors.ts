import { defineErrors, InternalError, shape, TimeoutError, UnavailableError } from "@infra/errors";

/** The errors of this package. */
export const cacheErrors = defineErrors({
  UnsupportedValueError: {
    code: "ERR_CACHE_UNSUPPORTED_VALUE",
    when: "A value can't be kept such that it comes back equal: a function, a symbol, an instance of a class, a circle.",
    extends: InternalError,
    details: shape<{ readonly path: string }>(),
  },
  ValueTooLargeError: {
    code: "ERR_CACHE_VALUE_TOO_LARGE",
    when: "A value for `set` takes more than `maxValueBytes`.",
    extends: InternalError,
    details: shape<{ readonly bytes: number; readonly maxValueBytes: number }>(),
  },
  CacheStoreError: {
    code: "ERR_CACHE_STORE",
    when: 'The store failed, did not answer within `storeTimeout`, or is left alone after failures; only with `storeFailure: "throw"`.',
    extends: UnavailableError,
    details: shape<{ readonly operation: string }>(),
  },
  StoreOperationError: {
    code: "ERR_CACHE_STORE_OPERATION",
    when: "A keyv store can't do what it was asked: it refused a write, or it can't list its keys.",
    extends: InternalError,
  },
  LoaderTimeoutError: {
    code: "ERR_CACHE_LOADER_TIMEOUT",
    when: "A loader took longer than `hardTimeout`, and no stale value could be served.",
    extends: TimeoutError,
    details: shape<{ readonly key: string; readonly timeoutMs: number }>(),
  },
  CacheStoppedError: {
    code: "ERR_CACHE_STOPPED",
    when: "The cache was used after `stop()`.",
    extends: UnavailableError,
  },
});

/** A value can't be kept such that it comes back equal; `details.path` says where in it. */
export const UnsupportedValueError = cacheErrors.classes.UnsupportedValueError;
export type UnsupportedValueError = InstanceType<typeof UnsupportedValueError>;

/** A value is larger than `maxValueBytes`. */
export const ValueTooLargeError = cacheErrors.classes.ValueTooLargeError;
export type ValueTooLargeError = InstanceType<typeof ValueTooLargeError>;

/** The store can't be used now; the `cause` says why. */
export const CacheStoreError = cacheErrors.classes.CacheStoreError;
export type CacheStoreError = InstanceType<typeof CacheStoreError>;

/** A keyv store can't do what it was asked. */
export const StoreOperationError = cacheErrors.classes.StoreOperationError;
export type StoreOperationError = InstanceType<typeof StoreOperationError>;

/** A loader took longer than it may. */
export const LoaderTimeoutError = cacheErrors.classes.LoaderTimeoutError;
export type LoaderTimeoutError = InstanceType<typeof LoaderTimeoutError>;

/** The cache was used after `stop()`. */
export const CacheStoppedError = cacheErrors.classes.CacheStoppedError;
export type CacheStoppedError = InstanceType<typeof CacheStoppedError>;
