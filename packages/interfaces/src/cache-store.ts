/** Options of the calls of {@link CacheStore}. */
export interface CacheStoreOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of the calls of {@link CacheStore} that write. */
export interface CacheStoreSetOptions extends CacheStoreOptions {
  /** When the value is gone, in milliseconds from now, above zero. @default never */
  readonly ttlMs?: number | undefined;
}

/**
 * Where a cache keeps its values: text by key, opaque to the store. Every call rejects when the store can't do what it was
 * asked; none hangs: `signal` ends the wait. What is missing or expired is `undefined`.
 */
export interface CacheStore {
  get(key: string, options?: CacheStoreOptions): Promise<string | undefined>;
  /** One entry for each key, in their order. */
  getMany(
    keys: readonly string[],
    options?: CacheStoreOptions,
  ): Promise<readonly (string | undefined)[]>;
  set(key: string, value: string, options?: CacheStoreSetOptions): Promise<void>;
  /** Sets all of them, not necessarily at once. */
  setMany(
    entries: readonly (readonly [key: string, value: string])[],
    options?: CacheStoreSetOptions,
  ): Promise<void>;
  /** Sets what is missing, atomically; whether it did. What locks between processes are made of. */
  add(key: string, value: string, options?: CacheStoreSetOptions): Promise<boolean>;
  /** Deletes what is there; how many there were. */
  delete(keys: readonly string[], options?: CacheStoreOptions): Promise<number>;
  /** Deletes every key with this prefix; no prefix means all that the store holds. */
  clear(prefix?: string, options?: CacheStoreOptions): Promise<void>;
  /** The keys with this prefix, in no order; one that comes or goes meanwhile may or may not be among them. */
  keys?(prefix?: string, options?: CacheStoreOptions): AsyncIterable<string>;
  /** Makes room where a store keeps what has expired; how many there were. */
  prune?(options?: CacheStoreOptions): Promise<number>;
  /** Connects, and makes what the store needs; idempotent. First use does it too. */
  open?(options?: CacheStoreOptions): Promise<void>;
  /** Releases what the store opened itself; idempotent. */
  close?(): Promise<void>;
}
