import type { Cache, CacheCallOptions, Clock } from "@infra/interfaces";

import type { CacheCore, Scope } from "./cache-core.js";
import type { CacheEvents } from "./cache-events.js";
import { checkTags, checkText, fullKey, keyWithin, namespacePrefix } from "./cache-key.js";
import type { GetOrSetOptions, SetOptions } from "./cache-options.js";
import { EntryWriter } from "./entry-writer.js";
import { Keyspace, type KeyspaceOptions } from "./keyspace.js";
import type { Load } from "./load-call.js";
import type { Loader } from "./loader.js";
import type { MemoryTier } from "./memory-tier.js";
import { copyDeep, copyOf } from "./snapshot.js";
import type { StoredEntry, Times } from "./stored-entry.js";
import { wrapFunction, type WrapOptions, type Wrapped } from "./wrap-function.js";

/** What {@link CacheNamespace.peek} sees. */
export interface PeekedEntry extends Times {
  readonly value: unknown;
  readonly tier: "memory" | "store";
  readonly tags: readonly string[];
}

/** The keys of a cache that stand in one namespace. */
export class CacheNamespace implements Cache {
  readonly #core: CacheCore;
  readonly #loader: Loader;
  readonly #writer: EntryWriter;
  readonly #scope: Scope;
  readonly #prefix: string;
  // what every hit needs, at hand
  readonly #memory: MemoryTier | undefined;
  readonly #clock: Clock;
  readonly #events: CacheEvents;

  /** Made by {@link CacheNamespace.namespace}, or a `CacheService`. */
  constructor(core: CacheCore, loader: Loader, prefix: string) {
    this.#core = core;
    this.#loader = loader;
    this.#writer = new EntryWriter(core);
    this.#scope = core.scope(prefix);
    this.#prefix = prefix;
    this.#memory = core.memory;
    this.#clock = core.clock;
    this.#events = core.events;
  }

  async get<T>(key: string, options?: CacheCallOptions): Promise<T | undefined> {
    const full = fullKey(this.#prefix, key);
    const entry = this.#memory?.get(full);
    if (entry !== undefined && entry.freshUntil > this.#clock.now()) {
      this.#scope.counters.memoryHits++;
      if (this.#events.wanted) this.#emit("hit", key, "memory");
      return copyOf(entry.value, entry.plan) as T;
    }
    const core = this.#core;
    const opening = core.ready(options?.signal);
    if (opening) await opening;
    if (!core.shared) return this.#miss(key);
    checkText(full, "key");
    const stored = await core.readShared(full, options?.signal);
    if (!stored || stored.freshUntil <= this.#clock.now()) return this.#miss(key);
    this.#hitStored(key);
    return (this.#memory ? copyDeep(stored.value) : stored.value) as T;
  }

  async has(key: string, options?: CacheCallOptions): Promise<boolean> {
    const full = fullKey(this.#prefix, key);
    const entry = this.#memory?.peek(full);
    if (entry && entry.freshUntil > this.#clock.now()) return true;
    const [stored] = await this.#storedMany([full], options?.signal);
    return stored !== undefined;
  }

  async getMany<T>(keys: readonly string[], options?: CacheCallOptions): Promise<Map<string, T>> {
    const found = new Map<string, T>();
    const missing: [key: string, full: string][] = [];
    for (const key of new Set(keys)) {
      const full = fullKey(this.#prefix, key);
      const entry = this.#memory?.get(full);
      if (entry && entry.freshUntil > this.#clock.now()) {
        this.#scope.counters.memoryHits++;
        if (this.#events.wanted) this.#emit("hit", key, "memory");
        found.set(key, copyOf(entry.value, entry.plan) as T);
      } else missing.push([key, full]);
    }
    if (missing.length === 0) return found;
    const stored = await this.#storedMany(
      missing.map(([, full]) => full),
      options?.signal,
    );
    for (const [at, [key]] of missing.entries()) {
      const entry = stored[at];
      if (!entry) {
        this.#miss(key);
        continue;
      }
      this.#hitStored(key);
      found.set(key, copyDeep(entry.value) as T);
    }
    // in the order of the keys, whichever tier they came from
    return new Map(keys.flatMap((key) => (found.has(key) ? [[key, found.get(key)!]] : [])));
  }

  /**
   * Keeps a value. One with a `ttl` of 0 is gone at once.
   *
   * @throws UnsupportedValueError (`ERR_CACHE_UNSUPPORTED_VALUE`), ValueTooLargeError (`ERR_CACHE_VALUE_TOO_LARGE`);
   * CacheStoreError (`ERR_CACHE_STORE`) if `storeFailure` is `"throw"`.
   */
  async set<T>(key: string, value: T, options: SetOptions = {}): Promise<void> {
    await this.#set([[key, value]], options);
  }

  /** As {@link CacheNamespace.set}, for many at once: none is kept when one of them can't be. */
  async setMany<T>(
    entries: Iterable<readonly [key: string, value: T]>,
    options: SetOptions = {},
  ): Promise<void> {
    await this.#set([...new Map(entries)], options);
  }

  async delete(key: string, options?: CacheCallOptions): Promise<boolean> {
    const core = this.#core;
    const full = fullKey(this.#prefix, key);
    await core.ready(options?.signal);
    checkText(full, "key");
    const entry = this.#memory?.peek(full);
    const remembered = entry !== undefined && entry.freshUntil > this.#clock.now();
    core.forget({ keys: [full] });
    const removed = core.shared
      ? await core.tolerate(core.shared.remove([full], options?.signal), 0)
      : 0;
    // what was read meanwhile is as old as what was deleted
    core.forget({ keys: [full] });
    await core.publish({ keys: [full] }, options?.signal);
    this.#scope.counters.deletes++;
    if (this.#events.wanted) this.#emit("delete", key);
    return remembered || removed > 0;
  }

  /**
   * The value, or what `load` gives, kept.
   *
   * @throws what `load` throws, when no stale value can be served; LoaderTimeoutError (`ERR_CACHE_LOADER_TIMEOUT`);
   * UnsupportedValueError (`ERR_CACHE_UNSUPPORTED_VALUE`).
   */
  async getOrSet<T>(key: string, load: Load<T>, options: GetOrSetOptions = {}): Promise<T> {
    const core = this.#core;
    const scope = this.#scope;
    const full = fullKey(this.#prefix, key);
    const entry = this.#memory?.get(full);
    if (entry !== undefined && entry.freshUntil > this.#clock.now()) {
      scope.counters.memoryHits++;
      if (this.#events.wanted) this.#emit("hit", key, "memory");
      if (core.options.refreshAhead !== undefined || options.refreshAhead !== undefined) {
        this.#loader.refreshAhead({ scope, full, load, options }, entry);
      }
      return copyOf(entry.value, entry.plan) as T;
    }
    await core.ready(options.signal);
    return (await this.#loader.get({ scope, full, load, options })) as T;
  }

  async invalidateTags(tags: readonly string[], options?: CacheCallOptions): Promise<void> {
    const core = this.#core;
    await core.ready(options?.signal);
    if (checkTags(tags).length === 0) return;
    core.forget({ tags });
    if (core.shared) {
      await core.tolerate(core.shared.invalidateTags(tags, options?.signal), undefined);
    }
    core.forget({ tags });
    await core.publish({ tags }, options?.signal);
    if (this.#events.wanted) this.#events.emit({ type: "invalidate-tags", tags });
  }

  async clear(options?: CacheCallOptions): Promise<void> {
    const core = this.#core;
    await core.ready(options?.signal);
    const prefixes = [this.#prefix];
    core.forget({ prefixes });
    if (core.shared) {
      await core.tolerate(core.shared.clear(this.#prefix, options?.signal), undefined);
    }
    core.forget({ prefixes });
    await core.publish({ prefixes }, options?.signal);
    if (this.#events.wanted) {
      this.#events.emit({ type: "clear", namespace: this.#scope.namespace });
    }
  }

  namespace(name: string): CacheNamespace {
    return new CacheNamespace(this.#core, this.#loader, namespacePrefix(this.#prefix, name));
  }

  /** A typed view: its own namespace, keys made of any id, one type of values, options for all of them. */
  keyspace<Id, T>(name: string, options: KeyspaceOptions<Id, T> = {}): Keyspace<Id, T> {
    return new Keyspace(this.namespace(name), options);
  }

  /** A function that remembers what another returned for the same arguments, in a namespace of its own. */
  wrap<Args extends readonly unknown[], T>(
    name: string,
    work: (...args: Args) => T | Promise<T>,
    options: WrapOptions<Args> = {},
  ): Wrapped<Args, T> {
    return wrapFunction(this.namespace(name), work, options);
  }

  /** The keys of this namespace, those within it left out; some may have expired. For administration: it walks them all. */
  async *keys(options?: CacheCallOptions): AsyncGenerator<string, void, undefined> {
    await this.#core.ready(options?.signal);
    const seen = new Set<string>();
    for (const full of this.#memory?.keys(this.#prefix) ?? []) {
      const key = keyWithin(this.#prefix, full);
      if (key === undefined) continue;
      seen.add(key);
      yield key;
    }
    for await (const full of this.#core.shared?.keys(this.#prefix, options?.signal) ?? []) {
      const key = keyWithin(this.#prefix, full);
      if (key !== undefined && !seen.has(key)) yield key;
    }
  }

  /** What is kept of a key, also if it is only good for being served stale; counts and changes nothing. */
  async peek(key: string, options?: CacheCallOptions): Promise<PeekedEntry | undefined> {
    const core = this.#core;
    const full = fullKey(this.#prefix, key);
    const entry = this.#memory?.peek(full);
    if (entry && entry.staleUntil > this.#clock.now()) {
      const { createdAt, freshUntil, staleUntil, tags = [] } = entry;
      const value = copyOf(entry.value, entry.plan);
      return { value, tier: "memory", createdAt, freshUntil, staleUntil, tags };
    }
    await core.ready(options?.signal);
    if (!core.shared) return undefined;
    checkText(full, "key");
    const stored = await core.shared.read(full, options?.signal);
    if (!stored) return undefined;
    const { value, createdAt, freshUntil, staleUntil } = stored;
    const tags = stored.tags?.map(([tag]) => tag) ?? [];
    return { value, tier: "store", createdAt, freshUntil, staleUntil, tags };
  }

  async #set(
    entries: readonly (readonly [key: string, value: unknown])[],
    options: SetOptions,
  ): Promise<void> {
    await this.#core.ready(options.signal);
    const full = entries.map(([key, value]) => [fullKey(this.#prefix, key), value] as const);
    await this.#writer.write(full, options);
    this.#scope.counters.sets += entries.length;
    if (this.#events.wanted) for (const [key] of entries) this.#emit("set", key);
  }

  async #storedMany(
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (StoredEntry | undefined)[]> {
    const core = this.#core;
    await core.ready(signal);
    if (!core.shared) return [];
    for (const key of keys) checkText(key, "key");
    const ticket = core.recent.begin();
    try {
      const stored = await core.tolerate(core.shared.readMany(keys, signal), []);
      for (const [at, entry] of stored.entries())
        if (entry) core.remember(keys[at]!, entry, ticket);
      const now = this.#clock.now();
      return stored.map((entry) => (entry && entry.freshUntil > now ? entry : undefined));
    } finally {
      core.recent.end();
    }
  }

  #hitStored(key: string): void {
    this.#scope.counters.storeHits++;
    if (this.#events.wanted) this.#emit("hit", key, "store");
  }

  #miss(key: string): undefined {
    this.#scope.counters.misses++;
    if (this.#events.wanted) this.#emit("miss", key);
  }

  #emit(type: "hit", key: string, tier: "memory" | "store"): void;
  #emit(type: "miss" | "set" | "delete", key: string): void;
  #emit(type: string, key: string, tier?: string): void {
    const { namespace } = this.#scope;
    this.#events.emit({ type, namespace, key, ...(tier && { tier }) } as never);
  }
}
