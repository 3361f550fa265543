import { importPeer } from "@infra/errors";
import {
  systemClock,
  type CacheStore,
  type CacheStoreOptions,
  type CacheStoreSetOptions,
  type Clock,
  type SqlPool,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";

/** Options of {@link PostgresCacheStore}: a URL, or a pool, which is not closed. */
export type PostgresCacheStoreOptions = (
  | { readonly url: string }
  | { readonly pool: SqlPool | (() => Promise<SqlPool>) }
) & {
  /** What its keys begin with. @default "cache" */
  readonly prefix?: string;
  /** The table, made when it is missing; one that a crash of the server empties. @default "infra_cache" */
  readonly table?: string;
};

/** keyv's adapter, as far as a cache goes. */
export interface PostgresAdapter {
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  get(key: string): Promise<string | undefined>;
  getMany(keys: string[]): Promise<(string | undefined)[]>;
  set(key: string, value: string): Promise<unknown>;
  setMany(entries: { key: string; value: string }[]): Promise<unknown>;
}

interface Opened {
  readonly adapter: PostgresAdapter;
  close(): Promise<void>;
}

const pruneEveryMs = 60_000;
const keysAtOnce = 1_000;
// the expiry stands before the value, for keyv's table has no column for it
const expiry = "nullif(split_part(value, '|', 1), '')::bigint";

/**
 * A store in PostgreSQL, the embedded one included, on keyv's adapter. What has expired is deleted once a minute while
 * something is written.
 */
export class PostgresCacheStore implements CacheStore {
  readonly #options: PostgresCacheStoreOptions;
  readonly #prefix: string;
  readonly #table: string;
  readonly #clock: Clock;
  #opened: Promise<Opened> | undefined;
  #prunedAt: number;

  /** @throws RangeError when the table's name is none. */
  constructor(
    options: PostgresCacheStoreOptions,
    { clock = systemClock }: { readonly clock?: Clock } = {},
  ) {
    const { prefix = "cache", table = "infra_cache" } = options;
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(table)) {
      throw new RangeError(
        `table must be lower-case letters, digits and "_", got ${JSON.stringify(table)}`,
      );
    }
    this.#options = options;
    this.#prefix = `${prefix}:`;
    this.#table = table;
    this.#clock = clock;
    this.#prunedAt = clock.monotonic();
  }

  /** keyv's adapter (a `KeyvPostgres`). */
  async keyv(): Promise<PostgresAdapter> {
    return (await (this.#opened ??= this.#open())).adapter;
  }

  async open({ signal }: CacheStoreOptions = {}): Promise<void> {
    await abortable(this.keyv(), { signal });
  }

  async get(key: string, { signal }: CacheStoreOptions = {}): Promise<string | undefined> {
    const text = await abortable(
      this.keyv().then((adapter) => adapter.get(this.#prefix + key)),
      { signal },
    );
    return this.#valueOf(text);
  }

  async getMany(
    keys: readonly string[],
    { signal }: CacheStoreOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return [];
    const texts = await abortable(
      this.keyv().then((adapter) => adapter.getMany(keys.map((key) => this.#prefix + key))),
      { signal },
    );
    return texts.map((text) => this.#valueOf(text));
  }

  async set(key: string, value: string, options: CacheStoreSetOptions = {}): Promise<void> {
    await this.setMany([[key, value]], options);
  }

  async setMany(
    entries: readonly (readonly [key: string, value: string])[],
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<void> {
    if (entries.length === 0) return;
    // one statement can't write a row twice
    const all = Array.from(new Map(entries), ([key, value]) => ({
      key: this.#prefix + key,
      value: this.#textOf(value, ttlMs),
    }));
    await abortable(
      this.keyv().then((adapter) => adapter.setMany(all)),
      { signal },
    );
    this.#pruneNowAndThen();
  }

  async add(
    key: string,
    value: string,
    { ttlMs, signal }: CacheStoreSetOptions = {},
  ): Promise<boolean> {
    const rows = await this.#query(
      `insert into ${this.#table} as kept (key, value) values ($1, $2)
       on conflict (key) do update set value = excluded.value
       where ${expiry.replace("value", "kept.value")} <= $3 returning 1`,
      [this.#prefix + key, this.#textOf(value, ttlMs), this.#clock.now()],
      signal,
    );
    return rows.length > 0;
  }

  async delete(keys: readonly string[], { signal }: CacheStoreOptions = {}): Promise<number> {
    const rows = await this.#query(
      `delete from ${this.#table} where key = any($1) returning value`,
      [keys.map((key) => this.#prefix + key)],
      signal,
    );
    return rows.filter(({ value }) => this.#valueOf(value as string) !== undefined).length;
  }

  async clear(prefix = "", { signal }: CacheStoreOptions = {}): Promise<void> {
    await this.#query(
      `delete from ${this.#table} where starts_with(key, $1)`,
      [this.#prefix + prefix],
      signal,
    );
  }

  async *keys(
    prefix = "",
    { signal }: CacheStoreOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    for (let last = ""; ;) {
      const rows = await this.#query(
        `select key from ${this.#table} where starts_with(key, $1) and key > $2
         and coalesce(${expiry} > $3, true) order by key limit ${keysAtOnce}`,
        [this.#prefix + prefix, last, this.#clock.now()],
        signal,
      );
      for (const { key } of rows) yield (key as string).slice(this.#prefix.length);
      if (rows.length < keysAtOnce) return;
      last = rows.at(-1)!["key"] as string;
    }
  }

  async prune({ signal }: CacheStoreOptions = {}): Promise<number> {
    const [row] = await this.#query(
      `with gone as (delete from ${this.#table} where ${expiry} <= $1 and starts_with(key, $2) returning 1)
       select count(*)::int as count from gone`,
      [this.#clock.now(), this.#prefix],
      signal,
    );
    return row!["count"] as number;
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.close();
  }

  async #query(
    sql: string,
    values: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<Record<string, unknown>[]> {
    return abortable(
      this.keyv().then((adapter) => adapter.query(sql, values)),
      { signal },
    );
  }

  async #open(): Promise<Opened> {
    let pool: SqlPool | undefined;
    const { pool: given } = { pool: undefined, ...this.#options };
    try {
      const { KeyvPostgres } = await importPeer("@keyv/postgres", () => import("@keyv/postgres"), {
        for: "a cache in PostgreSQL",
        install: "@keyv/postgres pg",
      });
      pool = await this.#pool();
      // keyv's own pool is one for the process: the last one to be made is the one that any of them closes
      const Adapter = class extends KeyvPostgres {
        override connect(): never {
          const { pool: own } = this.opts as unknown as { pool: SqlPool };
          const query = async (sql: string, values?: unknown[]): Promise<unknown[]> =>
            (await own.query(sql, values)).rows;
          return Promise.resolve(query) as never;
        }
      };
      const options = { table: this.#table, keySize: 1024, useUnloggedTable: true, pool };
      const adapter = new Adapter(options);
      // it goes on without its table when that can't be made: we look
      adapter.on("error", () => {});
      await adapter.query(`select key, value from ${this.#table} limit 0`);
      const own = given === undefined || typeof given === "function";
      const close = own ? pool.end.bind(pool) : () => Promise.resolve();
      return { adapter: adapter as unknown as PostgresAdapter, close };
    } catch (error) {
      this.#opened = undefined;
      if (given === undefined || typeof given === "function") await pool?.end().catch(() => {});
      throw error;
    }
  }

  async #pool(): Promise<SqlPool> {
    if ("pool" in this.#options) {
      const { pool } = this.#options;
      return typeof pool === "function" ? pool() : pool;
    }
    const { default: pg } = await importPeer("pg", () => import("pg"), {
      for: "a cache in PostgreSQL",
      install: "@keyv/postgres pg",
    });
    const pool = new pg.Pool({
      connectionString: this.#options.url,
      max: 5,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // an idle connection that breaks is replaced when it is needed
    pool.on("error", () => {});
    return pool;
  }

  #pruneNowAndThen(): void {
    const now = this.#clock.monotonic();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    // the next one will do it if this one fails
    this.prune().catch(() => {});
  }

  #textOf(value: string, ttlMs: number | undefined): string {
    return `${ttlMs === undefined ? "" : Math.ceil(this.#clock.now() + ttlMs)}|${value}`;
  }

  #valueOf(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const bar = text.indexOf("|");
    const expiresAt = text.slice(0, bar);
    if (expiresAt !== "" && Number(expiresAt) <= this.#clock.now()) return undefined;
    return text.slice(bar + 1);
  }
}
