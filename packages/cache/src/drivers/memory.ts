import {
  systemClock,
  toBytes,
  type ByteSize,
  type CacheStore,
  type CacheStoreOptions,
  type CacheStoreSetOptions,
  type Clock,
} from "@infra/interfaces";
import { LRUCache } from "lru-cache";

/** Options of {@link MemoryCacheStore}. */
export interface MemoryCacheStoreOptions {
  /** Values at the most; the least recently used goes first. @default 10_000 */
  readonly maxEntries?: number;
  /** What they may take, roughly. @default "64mb" */
  readonly maxBytes?: ByteSize;
}

interface Kept {
  readonly value: string;
  readonly expiresAt: number;
}

/** A store in this process: for several caches that share values, and for tests. A cache of its own needs none. */
export class MemoryCacheStore implements CacheStore {
  readonly #entries: LRUCache<string, Kept>;
  readonly #clock: Clock;

  /** @throws RangeError when an option can't be. */
  constructor(
    { maxEntries = 10_000, maxBytes = "64mb" }: MemoryCacheStoreOptions = {},
    { clock = systemClock }: { readonly clock?: Clock } = {},
  ) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new RangeError(`maxEntries must be a whole number above 0, got ${maxEntries}`);
    }
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: Math.max(1, toBytes(maxBytes, "maxBytes")),
      sizeCalculation: ({ value }, key) => 2 * (key.length + value.length) + 64,
    });
    this.#clock = clock;
  }

  async get(key: string, { signal }: CacheStoreOptions = {}): Promise<string | undefined> {
    signal?.throwIfAborted();
    return this.#get(key);
  }

  async getMany(
    keys: readonly string[],
    { signal }: CacheStoreOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    signal?.throwIfAborted();
    return keys.map((key) => this.#get(key));
  }

  async set(
    key: string,
    value: string,
    { ttlMs = Infinity, signal }: CacheStoreSetOptions = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#entries.set(key, { value, expiresAt: this.#clock.now() + ttlMs });
  }

  async setMany(
    entries: readonly (readonly [key: string, value: string])[],
    options?: CacheStoreSetOptions,
  ): Promise<void> {
    for (const [key, value] of entries) await this.set(key, value, options);
  }

  async add(key: string, value: string, options: CacheStoreSetOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    if (this.#get(key) !== undefined) return false;
    await this.set(key, value, options);
    return true;
  }

  async delete(keys: readonly string[], { signal }: CacheStoreOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    return keys.filter((key) => this.#get(key) !== undefined && this.#entries.delete(key)).length;
  }

  async clear(prefix = "", { signal }: CacheStoreOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    for (const key of this.#allKeys()) {
      if (key.startsWith(prefix)) this.#entries.delete(key);
    }
  }

  async *keys(
    prefix = "",
    { signal }: CacheStoreOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    signal?.throwIfAborted();
    for (const key of this.#allKeys()) {
      if (key.startsWith(prefix) && this.#entries.peek(key)!.expiresAt > this.#clock.now())
        yield key;
    }
  }

  async prune({ signal }: CacheStoreOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    const now = this.#clock.now();
    const gone = this.#allKeys().filter((key) => this.#entries.peek(key)!.expiresAt <= now);
    for (const key of gone) this.#entries.delete(key);
    return gone.length;
  }

  /** All at once, for what is walked through changes. */
  #allKeys(): string[] {
    return [...this.#entries.keys()];
  }

  #get(key: string): string | undefined {
    const kept = this.#entries.get(key);
    return kept && kept.expiresAt > this.#clock.now() ? kept.value : undefined;
  }
}
