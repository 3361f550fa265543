import type { CacheStore, CacheStoreOptions, CacheStoreSetOptions } from "@infra/interfaces";
import { abortable } from "@infra/promises";

import {
  RedisConnection,
  type RedisAdapter,
  type RedisClient,
  type RedisWhere,
} from "../redis-connection.js";

export { RedisInvalidationBus, type RedisBusOptions } from "../redis-bus.js";
export type { RedisAdapter, RedisClient, RedisWhere } from "../redis-connection.js";

/** Options of {@link RedisCacheStore}. */
export type RedisCacheStoreOptions = (RedisWhere | { readonly connection: RedisConnection }) & {
  /** What its keys begin with. @default "cache" */
  readonly prefix?: string;
};

const keysAtOnce = 1_000;

/** A store in Redis, on keyv's adapter. Redis forgets what has expired by itself. */
export class RedisCacheStore implements CacheStore {
  readonly #connection: RedisConnection;
  readonly #owned: boolean;
  readonly #prefix: string;

  constructor(options: RedisCacheStoreOptions) {
    this.#owned = !("connection" in options);
    this.#connection = "connection" in options ? options.connection : new RedisConnection(options);
    this.#prefix = `${options.prefix ?? "cache"}:`;
  }

  /** keyv's adapter (a `KeyvRedis`), whose `client` is the one of node-redis. */
  async keyv(): Promise<RedisAdapter> {
    return this.#connection.adapter();
  }

  async open({ signal }: CacheStoreOptions = {}): Promise<void> {
    const { client } = await abortable(this.keyv(), { signal });
    await abortable((client as RedisClient).ping(), { signal });
  }

  get(key: string, { signal }: CacheStoreOptions = {}): Promise<string | undefined> {
    const adapter = this.#connection.adapter();
    const ask = ({ client }: RedisAdapter): Promise<string | undefined> =>
      getFrom(client as RedisClient, this.#prefix + key).then(orUndefined);
    const answer = adapter instanceof Promise ? adapter.then(ask) : ask(adapter);
    return signal ? abortable(answer, { signal }) : answer;
  }

  async getMany(
    keys: readonly string[],
    { signal }: CacheStoreOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return [];
    const adapter = await this.keyv();
    const values = await abortable(
      getManyFrom(
        adapter,
        keys.map((key) => this.#prefix + key),
      ),
      { signal },
    );
    return values.map(orUndefined);
  }

  async set(
    key: string,
    value: string,
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<void> {
    const client = await this.#client();
    await abortable(client.set(this.#prefix + key, value, expiry(ttlMs)), { signal });
  }

  async setMany(
    entries: readonly (readonly [key: string, value: string])[],
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<void> {
    if (entries.length === 0) return;
    const adapter = await this.keyv();
    const ttl = ttlMs === undefined ? {} : { ttl: wholeMs(ttlMs) };
    const all = entries.map(([key, value]) => ({ key: this.#prefix + key, value, ...ttl }));
    await abortable(adapter.setMany(all), { signal });
  }

  async add(
    key: string,
    value: string,
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<boolean> {
    const client = await this.#client();
    const options = { ...expiry(ttlMs), condition: "NX" };
    return (await abortable(client.set(this.#prefix + key, value, options), { signal })) === "OK";
  }

  async delete(keys: readonly string[], { signal }: CacheStoreOptions = {}): Promise<number> {
    const client = await this.#client();
    // one by one, all in one packet: the keys of a cluster live in different places
    const unique = [...new Set(keys)];
    const removed = Promise.all(unique.map((key) => client.unlink(this.#prefix + key)));
    return (await abortable(removed, { signal })).reduce((sum, each) => sum + each, 0);
  }

  async clear(prefix = "", { signal }: CacheStoreOptions = {}): Promise<void> {
    const client = await this.#client();
    for await (const keys of this.#scan(prefix, signal)) {
      await abortable(Promise.all(keys.map((key) => client.unlink(key))), { signal });
    }
  }

  async *keys(
    prefix = "",
    { signal }: CacheStoreOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    for await (const keys of this.#scan(prefix, signal)) {
      for (const key of keys) yield key.slice(this.#prefix.length);
    }
  }

  async close(): Promise<void> {
    if (this.#owned) await this.#connection.close();
  }

  async #client(): Promise<RedisClient> {
    return (await this.#connection.adapter()).client as RedisClient;
  }

  async *#scan(prefix: string, signal?: AbortSignal): AsyncGenerator<string[], void, undefined> {
    const adapter = await this.keyv();
    const start = this.#prefix + prefix;
    const options = { MATCH: `${start.replaceAll(/[*?[\]\\]/g, "\\$&")}*`, COUNT: keysAtOnce };
    for (const node of (await adapter.getMasterNodes()) as RedisClient[]) {
      let cursor = "0";
      do {
        const found = await abortable(node.scan(cursor, options), { signal });
        cursor = String(found.cursor);
        if (found.keys.length > 0) yield found.keys;
      } while (cursor !== "0");
    }
  }
}

// The commands that are sent all the time go without the client's layer of types, which a cluster needs to find the key.

function getFrom(client: RedisClient, key: string): Promise<string | null> {
  if (client.slots !== undefined) return client.get(key);
  return client.sendCommand(["GET", key]) as Promise<string | null>;
}

function getManyFrom(
  adapter: RedisAdapter,
  keys: string[],
): Promise<readonly (string | null | undefined)[]> {
  const client = adapter.client as RedisClient;
  if (client.slots !== undefined) return adapter.getMany(keys);
  return client.sendCommand(["MGET", ...keys]) as Promise<readonly (string | null)[]>;
}

function orUndefined(value: string | null | undefined): string | undefined {
  return value ?? undefined;
}

function expiry(ttlMs: number | undefined): object {
  return ttlMs === undefined ? {} : { PX: wholeMs(ttlMs) };
}

function wholeMs(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}
