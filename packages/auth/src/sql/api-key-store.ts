import type { StoreCallOptions } from "../account-store.js";
import type { ApiKeyStore, StoredApiKey } from "../api-key-store.js";
import type { SqlTables } from "./tables.js";
import { jsonOf, optionalNumber, textOf } from "./values.js";

interface KeyRow {
  readonly last_used_at: unknown;
  readonly document: string;
}

/** API keys in a database. */
export class SqlApiKeyStore implements ApiKeyStore {
  readonly #tables: SqlTables;

  constructor(tables: SqlTables) {
    this.#tables = tables;
  }

  async create(key: StoredApiKey, { signal }: StoreCallOptions = {}): Promise<void> {
    await this.#tables.query(
      "insert into {}api_keys (id, account_id, created_at, last_used_at, document) values (?, ?, ?, ?, ?)",
      [key.id, key.accountId, key.createdAt, key.lastUsedAt ?? null, textOf(key)],
      signal,
    );
  }

  async get(id: string, { signal }: StoreCallOptions = {}): Promise<StoredApiKey | undefined> {
    const [row] = await this.#tables.query<KeyRow>(
      "select last_used_at, document from {}api_keys where id = ?",
      [id],
      signal,
    );
    const key = row && keyOf(row);
    return key?.id === id ? key : undefined;
  }

  async touch(id: string, lastUsedAt: number, { signal }: StoreCallOptions = {}): Promise<void> {
    await this.#tables.query(
      "update {}api_keys set last_used_at = ? where id = ?",
      [lastUsedAt, id],
      signal,
    );
  }

  async delete(accountId: string, id: string, { signal }: StoreCallOptions = {}): Promise<boolean> {
    const there = (await this.get(id, { signal }))?.accountId === accountId;
    if (!there) return false;
    await this.#tables.query(
      "delete from {}api_keys where id = ? and account_id = ?",
      [id, accountId],
      signal,
    );
    return true;
  }

  async deleteByAccount(accountId: string, { signal }: StoreCallOptions = {}): Promise<number> {
    const theirs = await this.listByAccount(accountId, { signal });
    await this.#tables.query("delete from {}api_keys where account_id = ?", [accountId], signal);
    return theirs.length;
  }

  async listByAccount(
    accountId: string,
    { signal }: StoreCallOptions = {},
  ): Promise<readonly StoredApiKey[]> {
    const rows = await this.#tables.query<KeyRow>(
      "select last_used_at, document from {}api_keys where account_id = ? order by created_at desc",
      [accountId],
      signal,
    );
    return rows.map((row) => keyOf(row)).filter((key) => key.accountId === accountId);
  }
}

function keyOf(row: KeyRow): StoredApiKey {
  const lastUsedAt = optionalNumber(row.last_used_at);
  return { ...jsonOf<StoredApiKey>(row.document), ...(lastUsedAt !== undefined && { lastUsedAt }) };
}
