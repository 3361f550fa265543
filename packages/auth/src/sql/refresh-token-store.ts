import type { StoreCallOptions } from "../account-store.js";
import { randomText } from "../opaque-token.js";
import type {
  RefreshTokenStore,
  StoredRefreshToken,
  TokenFamily,
  TokenRotation,
} from "../refresh-token-store.js";
import type { SqlTables } from "./tables.js";
import { jsonOf, numberOf, optionalNumber, textOf } from "./values.js";

interface FamilyRow {
  readonly last_used_at: unknown;
  readonly revoked_at: unknown;
  readonly document: string;
}

interface TokenRow extends FamilyRow {
  readonly id: string;
  readonly family_id: string;
  readonly token_expires_at: unknown;
  readonly used_at: unknown;
  readonly salt: string | null;
  readonly next_id: string | null;
}

/** Refresh tokens in a database. Who exchanges one is decided by a conditional update, not by reading and then writing. */
export class SqlRefreshTokenStore implements RefreshTokenStore {
  readonly #tables: SqlTables;

  constructor(tables: SqlTables) {
    this.#tables = tables;
  }

  async create(
    family: TokenFamily,
    token: { readonly id: string; readonly expiresAt: number },
    { signal }: StoreCallOptions = {},
  ): Promise<void> {
    await this.#tables.transaction(async () => {
      await this.#tables.query(
        "insert into {}token_families (id, account_id, last_used_at, expires_at, document) values (?, ?, ?, ?, ?)",
        [family.id, family.accountId, family.lastUsedAt, family.expiresAt, textOf(family)],
        signal,
      );
      await this.#insert(token, family.id, signal);
    }, signal);
  }

  async find(
    tokenId: string,
    { signal }: StoreCallOptions = {},
  ): Promise<{ readonly token: StoredRefreshToken; readonly family: TokenFamily } | undefined> {
    const [row] = await this.#tables.query<TokenRow>(
      `select t.id, t.family_id, t.expires_at as token_expires_at, t.used_at, t.salt, t.next_id,
        f.last_used_at, f.revoked_at, f.document
        from {}refresh_tokens t join {}token_families f on f.id = t.family_id where t.id = ?`,
      [tokenId],
      signal,
    );
    return row && { token: tokenOf(row), family: familyOf(row) };
  }

  async rotate(
    tokenId: string,
    { at, salt, next }: TokenRotation,
    { signal }: StoreCallOptions = {},
  ): Promise<boolean> {
    const [token] = await this.#tables.query<{ family_id: string }>(
      "select family_id from {}refresh_tokens where id = ?",
      [tokenId],
      signal,
    );
    if (!token) return false;
    return await this.#tables.transaction(async () => {
      // the family first, always: whoever revokes it waits for this, or this for them
      await this.#tables.query(
        "update {}token_families set last_used_at = ? where id = ? and revoked_at is null",
        [at, token.family_id],
        signal,
      );
      await this.#tables.query(
        "update {}refresh_tokens set used_at = ?, salt = ?, next_id = ? where id = ? and used_at is null",
        [at, salt, next.id, tokenId],
        signal,
      );
      const [now] = await this.#tables.query<{ next_id: string | null; revoked_at: unknown }>(
        "select t.next_id, f.revoked_at from {}refresh_tokens t join {}token_families f on f.id = t.family_id where t.id = ?",
        [tokenId],
        signal,
      );
      if (now?.next_id !== next.id || optionalNumber(now.revoked_at) !== undefined) return false;
      await this.#insert(next, token.family_id, signal);
      return true;
    }, signal);
  }

  async getFamily(id: string, { signal }: StoreCallOptions = {}): Promise<TokenFamily | undefined> {
    const [row] = await this.#tables.query<FamilyRow>(
      "select last_used_at, revoked_at, document from {}token_families where id = ?",
      [id],
      signal,
    );
    const family = row && familyOf(row);
    return family?.id === id ? family : undefined;
  }

  async revoke(familyId: string, at: number, { signal }: StoreCallOptions = {}): Promise<boolean> {
    const marker = randomText(16);
    return await this.#tables.transaction(async () => {
      await this.#tables.query(
        "update {}token_families set revoked_at = ?, revoked_by = ? where id = ? and revoked_at is null",
        [at, marker, familyId],
        signal,
      );
      const [row] = await this.#tables.query<{ revoked_by: string | null }>(
        "select revoked_by from {}token_families where id = ?",
        [familyId],
        signal,
      );
      return row?.revoked_by === marker;
    }, signal);
  }

  async revokeByAccount(
    accountId: string,
    at: number,
    { exceptId = "", signal }: StoreCallOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const marker = randomText(16);
    return await this.#tables.transaction(async () => {
      await this.#tables.query(
        "update {}token_families set revoked_at = ?, revoked_by = ? where account_id = ? and id <> ? and revoked_at is null",
        [at, marker, accountId, exceptId],
        signal,
      );
      const rows = await this.#tables.query(
        "select id from {}token_families where account_id = ? and revoked_by = ?",
        [accountId, marker],
        signal,
      );
      return rows.length;
    }, signal);
  }

  async listByAccount(
    accountId: string,
    at: number,
    { signal }: StoreCallOptions = {},
  ): Promise<readonly TokenFamily[]> {
    const rows = await this.#tables.query<FamilyRow>(
      "select last_used_at, revoked_at, document from {}token_families where account_id = ? and revoked_at is null and expires_at > ? order by last_used_at desc",
      [accountId, at],
      signal,
    );
    return rows.map((row) => familyOf(row)).filter((family) => family.accountId === accountId);
  }

  async prune(before: number, { signal }: StoreCallOptions = {}): Promise<number> {
    return await this.#tables.prune("token_families", before, {
      children: { table: "refresh_tokens", key: "family_id" },
      signal,
    });
  }

  async #insert(
    token: { readonly id: string; readonly expiresAt: number },
    familyId: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#tables.query(
      "insert into {}refresh_tokens (id, family_id, expires_at) values (?, ?, ?)",
      [token.id, familyId, token.expiresAt],
      signal,
    );
  }
}

function familyOf(row: FamilyRow): TokenFamily {
  const revokedAt = optionalNumber(row.revoked_at);
  return {
    ...jsonOf<TokenFamily>(row.document),
    lastUsedAt: numberOf(row.last_used_at),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}

function tokenOf(row: TokenRow): StoredRefreshToken {
  const usedAt = optionalNumber(row.used_at);
  return {
    id: row.id,
    familyId: row.family_id,
    expiresAt: numberOf(row.token_expires_at),
    ...(usedAt !== undefined && { usedAt }),
    ...(row.salt !== null && { salt: row.salt }),
    ...(row.next_id !== null && { nextId: row.next_id }),
  };
}
