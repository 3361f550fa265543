import type { CacheCallOptions } from "@infra/interfaces";

import type { CacheNamespace } from "./cache-namespace.js";
import type { GetOrSetOptions, SetOptions } from "./cache-options.js";
import type { Load } from "./load-call.js";

/** Options of a {@link Keyspace}: those of its values, and what makes them. */
export interface KeyspaceOptions<Id, T> extends Omit<GetOrSetOptions, "tags" | "signal"> {
  /** The key of an id. @default strings as they are, numbers and bigints in digits */
  readonly key?: (id: Id) => string;
  /** Makes the value of an id that is missing. */
  readonly load?: (id: Id, context: { readonly signal: AbortSignal }) => T | Promise<T>;
  /** The tags of an id's value. */
  readonly tags?: (id: Id) => readonly string[];
  /** Count it up when the type of the values changes: what older code stored is missing then. */
  readonly version?: number;
}

/** A typed view of a cache: ids of one type, values of one type. */
export class Keyspace<Id, T> {
  readonly #cache: CacheNamespace;
  readonly #options: KeyspaceOptions<Id, T>;

  /** Made by `cache.keyspace()`. */
  constructor(cache: CacheNamespace, options: KeyspaceOptions<Id, T>) {
    const { version } = options;
    this.#cache = version === undefined ? cache : cache.namespace(`v${version}`);
    this.#options = options;
  }

  /** The value; made by the option `load` when it is missing, if there is one. */
  async get(id: Id, options?: CacheCallOptions): Promise<T | undefined> {
    const { load } = this.#options;
    if (!load) return this.#cache.get<T>(this.#key(id), options);
    return this.getOrSet(id, (context) => load(id, context), options);
  }

  async getOrSet(id: Id, load: Load<T>, options?: GetOrSetOptions): Promise<T> {
    return this.#cache.getOrSet(this.#key(id), load, { ...this.#defaults(id), ...options });
  }

  async set(id: Id, value: T, options?: SetOptions): Promise<void> {
    return this.#cache.set(this.#key(id), value, { ...this.#defaults(id), ...options });
  }

  /** What is there, by id; nothing is loaded. */
  async getMany(ids: readonly Id[], options?: CacheCallOptions): Promise<Map<Id, T>> {
    const values = await this.#cache.getMany<T>(
      ids.map((id) => this.#key(id)),
      options,
    );
    return new Map(
      ids.flatMap((id) => {
        const key = this.#key(id);
        return values.has(key) ? [[id, values.get(key)!]] : [];
      }),
    );
  }

  async has(id: Id, options?: CacheCallOptions): Promise<boolean> {
    return this.#cache.has(this.#key(id), options);
  }

  async delete(id: Id, options?: CacheCallOptions): Promise<boolean> {
    return this.#cache.delete(this.#key(id), options);
  }

  async clear(options?: CacheCallOptions): Promise<void> {
    return this.#cache.clear(options);
  }

  #key(id: Id): string {
    const { key } = this.#options;
    if (key) return key(id);
    if (typeof id === "string") return id;
    if (typeof id === "number" || typeof id === "bigint") return String(id);
    throw new TypeError(
      `id must be a string, a number or a bigint where the keyspace has no option key, got ${typeof id}`,
    );
  }

  #defaults(id: Id): GetOrSetOptions {
    const { key: _key, load: _load, version: _version, tags, ...values } = this.#options;
    return tags ? { ...values, tags: tags(id) } : values;
  }
}
