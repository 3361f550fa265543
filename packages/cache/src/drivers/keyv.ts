import type { CacheStore, CacheStoreOptions, CacheStoreSetOptions } from "@infra/interfaces";
import { abortable, KeyedMutex } from "@infra/promises";
import { Keyv } from "keyv";

import { StoreOperationError } from "../errors.js";

/** What keyv stores things in: any of its adapters, a `Map`, or an `LRUCache`. */
export type KeyvStore = object;

/** Options of {@link KeyvCacheStore}. */
export interface KeyvCacheStoreOptions {
  /** What its keys begin with. @default "cache" */
  readonly prefix?: string;
}

/** What the stores of keyv have, each in its own way. */
interface AnyStore {
  readonly iterator?: (namespace?: string) => AsyncIterable<readonly [key: string, ...unknown[]]>;
  readonly getMany?: unknown;
  readonly keys?: () => Iterable<string>;
  throwOnErrors?: boolean;
}

/**
 * Any store of keyv, or a `Keyv` that is set up already, with its serialisation, compression or encryption. It is this
 * store's from then on: made to reject when it fails.
 *
 * keyv has no way to set only what is missing. `add` keeps others of this process out, not other processes.
 */
export class KeyvCacheStore implements CacheStore {
  /** The keyv that does the work. */
  readonly keyv: Keyv;
  readonly #prefix: string;
  readonly #owned: boolean;
  readonly #adding = new KeyedMutex<string>();
  #closing: Promise<void> | undefined;

  constructor(store: Keyv | KeyvStore, { prefix = "cache" }: KeyvCacheStoreOptions = {}) {
    this.#prefix = `${prefix}:`;
    this.#owned = !isKeyv(store);
    this.keyv = isKeyv(store)
      ? store
      : new Keyv({
          store: withPlainTtl(store),
          useKeyPrefix: false,
          namespace: undefined as never,
        });
    // or a failure would be a miss
    this.keyv.throwOnErrors = true;
    const inner = this.#inner;
    if ("throwOnErrors" in inner) inner.throwOnErrors = true;
    // it throws when nobody listens, wherever it happens to be
    this.keyv.on("error", () => {});
  }

  async get(key: string, { signal }: CacheStoreOptions = {}): Promise<string | undefined> {
    signal?.throwIfAborted();
    return (await abortable(this.keyv.get<string>(this.#prefix + key), { signal })) ?? undefined;
  }

  async getMany(
    keys: readonly string[],
    { signal }: CacheStoreOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    signal?.throwIfAborted();
    // where the store has no getMany of its own, keyv's takes failures for misses
    const all = keys.map((key) => this.#prefix + key);
    const values =
      keys.length > 0 && this.#inner.getMany !== undefined
        ? this.keyv.getMany<string>(all)
        : Promise.all(all.map((key) => this.keyv.get<string>(key)));
    return (await abortable(values, { signal })).map((value) => value ?? undefined);
  }

  async set(
    key: string,
    value: string,
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    const ttl = ttlMs === undefined ? undefined : Math.max(1, Math.ceil(ttlMs));
    if (!(await abortable(this.keyv.set(this.#prefix + key, value, ttl), { signal }))) {
      throw new StoreOperationError("the keyv store refused to set a value");
    }
  }

  async setMany(
    entries: readonly (readonly [key: string, value: string])[],
    options: CacheStoreSetOptions = {},
  ): Promise<void> {
    options.signal?.throwIfAborted();
    await Promise.all(
      Array.from(new Map(entries), ([key, value]) => this.set(key, value, options)),
    );
  }

  async add(key: string, value: string, options: CacheStoreSetOptions = {}): Promise<boolean> {
    const add = async (): Promise<boolean> => {
      if ((await this.get(key, options)) !== undefined) return false;
      await this.set(key, value, options);
      return true;
    };
    return this.#adding.run(key, add, options);
  }

  async delete(keys: readonly string[], { signal }: CacheStoreOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    const present = await this.getMany(keys, { signal });
    const unique = new Set(keys);
    await abortable(
      Promise.all(Array.from(unique, (key) => this.keyv.delete(this.#prefix + key))),
      { signal },
    );
    return [...unique].filter((key) => present[keys.indexOf(key)] !== undefined).length;
  }

  async clear(prefix = "", { signal }: CacheStoreOptions = {}): Promise<void> {
    for await (const key of this.keys(prefix, { signal })) {
      await abortable(this.keyv.delete(this.#prefix + key), { signal });
    }
  }

  /** @throws StoreOperationError (`ERR_CACHE_STORE_OPERATION`) when the store of keyv can't list its keys. */
  async *keys(
    prefix = "",
    { signal }: CacheStoreOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    signal?.throwIfAborted();
    // all of them first: some stores page by position, and skip what follows something deleted
    const found: string[] = [];
    for await (const key of this.#allKeys()) {
      signal?.throwIfAborted();
      if (key.startsWith(this.#prefix + prefix)) found.push(key.slice(this.#prefix.length));
    }
    yield* found;
  }

  async close(): Promise<void> {
    // some stores can't be closed twice
    if (this.#owned) await (this.#closing ??= this.keyv.disconnect());
  }

  get #inner(): AnyStore {
    return this.keyv.store as AnyStore;
  }

  async *#allKeys(): AsyncGenerator<string, void, undefined> {
    const { namespace, useKeyPrefix } = this.keyv;
    // keyv's own iterator takes the first part of every key for a namespace, also where there is none
    const start = namespace && useKeyPrefix ? `${namespace}:` : "";
    const inner = this.#inner;
    if (typeof inner.iterator === "function") {
      for await (const [key] of inner.iterator(namespace)) {
        if (key.startsWith(start)) yield key.slice(start.length);
      }
    } else if (typeof inner.keys === "function") {
      for (const key of inner.keys()) if (key.startsWith(start)) yield key.slice(start.length);
    } else {
      throw new StoreOperationError("this store of keyv can't list its keys");
    }
  }
}

function isKeyv(store: object): store is Keyv {
  return store instanceof Keyv || "getManyRaw" in store;
}

/** An LRUCache takes `{ ttl }` where keyv gives it a number, which makes it throw, and keyv then stores nothing. */
function withPlainTtl(store: object): object {
  if (!("calculatedSize" in store && "max" in store)) return store;
  const lru = store as unknown as {
    get(key: string): unknown;
    set(key: string, value: unknown, options?: { ttl: number }): unknown;
    delete(key: string): boolean;
    clear(): void;
    keys(): Iterable<string>;
  };
  return {
    get: (key: string) => lru.get(key),
    set(key: string, value: unknown, ttl?: number) {
      lru.set(key, value, ttl === undefined ? undefined : { ttl });
      return true;
    },
    delete: (key: string) => lru.delete(key),
    clear: () => lru.clear(),
    keys: () => lru.keys(),
  };
}
