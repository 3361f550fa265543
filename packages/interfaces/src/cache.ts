import type { Duration } from "./duration.js";

/** Options of `Cache.set` and `Cache.setMany`. */
export interface CacheSetOptions {
  /** How long the value is fresh. @default the cache's own */
  readonly ttl?: Duration;
  /** Names under which `Cache.invalidateTags` finds the value. */
  readonly tags?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Options of `Cache.getOrSet`. */
export interface CacheGetOrSetOptions extends CacheSetOptions {
  /** How long a stale value may still be served when the loader fails. @default the cache's own */
  readonly grace?: Duration;
  /** How long to wait for the loader before a stale value is served; it goes on. @default the cache's own */
  readonly softTimeout?: Duration;
  /** How long to wait for the loader at all. @default the cache's own */
  readonly hardTimeout?: Duration;
}

/** Options of the calls of `Cache` that have no other. */
export interface CacheCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Values by key, kept for a while. What is stored may be a primitive, plain data, `Date`, `Map`, `Set`, `BigInt`, bytes
 * or `undefined`, and comes back equal, never the same object. `get` gives `undefined` for what is missing or expired; `has`
 * tells a stored `undefined` from that. Keys are 1 to 512 characters.
 *
 * Whether a store that does not answer makes a call reject or counts as a miss is decided once, by the options of the
 * cache, and the same for every call. `delete` and the like are idempotent.
 */
export interface Cache {
  get<T>(key: string, options?: CacheCallOptions): Promise<T | undefined>;
  set<T>(key: string, value: T, options?: CacheSetOptions): Promise<void>;
  /** Whether there was something to delete. */
  delete(key: string, options?: CacheCallOptions): Promise<boolean>;
  has(key: string, options?: CacheCallOptions): Promise<boolean>;
  /** What is there, by key, in the order of the keys. */
  getMany<T>(keys: readonly string[], options?: CacheCallOptions): Promise<Map<string, T>>;
  setMany<T>(
    entries: Iterable<readonly [key: string, value: T]>,
    options?: CacheSetOptions,
  ): Promise<void>;
  /**
   * The value, or what the loader gives, stored. Of many callers that miss one key at a time, one loads; a failure of the
   * loader reaches all of them and is not stored. The loader's signal is aborted when nobody waits for it any more.
   */
  getOrSet<T>(
    key: string,
    load: (context: { readonly signal: AbortSignal }) => T | Promise<T>,
    options?: CacheGetOrSetOptions,
  ): Promise<T>;
  /** Makes every value with one of these tags missing, at once, in every namespace and process that shares the store. */
  invalidateTags(tags: readonly string[], options?: CacheCallOptions): Promise<void>;
  /** Empties this namespace, and those within it. */
  clear(options?: CacheCallOptions): Promise<void>;
  /** A view of the same cache whose keys are apart from all others. */
  namespace(name: string): Cache;
}
