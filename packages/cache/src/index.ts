export { cacheConfig } from "./config.js";
export type { CacheEvent } from "./cache-events.js";
export { CacheNamespace, type PeekedEntry } from "./cache-namespace.js";
export type { CacheOptions, GetOrSetOptions, SetOptions } from "./cache-options.js";
export { CacheService, type CacheDependencies } from "./cache-service.js";
export type { CacheCounts, CacheStats } from "./cache-stats.js";
export {
  cacheErrors,
  CacheStoppedError,
  CacheStoreError,
  LoaderTimeoutError,
  StoreOperationError,
  UnsupportedValueError,
  ValueTooLargeError,
} from "./errors.js";
export { Keyspace, type KeyspaceOptions } from "./keyspace.js";
export type { Load } from "./load-call.js";
export type { Wrapped, WrapOptions } from "./wrap-function.js";
