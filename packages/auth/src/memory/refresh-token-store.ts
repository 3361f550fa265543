import type {
  RefreshTokenStore,
  StoredRefreshToken,
  TokenFamily,
  TokenRotation,
} from "../refresh-token-store.js";

/** Refresh tokens in this process: for tests and for trying things out. */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #families = new Map<string, TokenFamily>();
  readonly #tokens = new Map<string, StoredRefreshToken>();

  async create(
    family: TokenFamily,
    token: { readonly id: string; readonly expiresAt: number },
  ): Promise<void> {
    this.#families.set(family.id, structuredClone(family));
    this.#tokens.set(token.id, { ...token, familyId: family.id });
  }

  async find(
    tokenId: string,
  ): Promise<{ readonly token: StoredRefreshToken; readonly family: TokenFamily } | undefined> {
    const token = this.#tokens.get(tokenId);
    const family = token && this.#families.get(token.familyId);
    return family && { token: { ...token }, family: structuredClone(family) };
  }

  async rotate(tokenId: string, { at, salt, next }: TokenRotation): Promise<boolean> {
    // no await in between: one step
    const token = this.#tokens.get(tokenId);
    const family = token && this.#families.get(token.familyId);
    if (!token || !family || token.usedAt !== undefined || family.revokedAt !== undefined) {
      return false;
    }
    this.#tokens.set(tokenId, { ...token, usedAt: at, salt, nextId: next.id });
    this.#tokens.set(next.id, { ...next, familyId: family.id });
    this.#families.set(family.id, { ...family, lastUsedAt: at });
    return true;
  }

  async getFamily(id: string): Promise<TokenFamily | undefined> {
    return structuredClone(this.#families.get(id));
  }

  async revoke(familyId: string, at: number): Promise<boolean> {
    const family = this.#families.get(familyId);
    if (!family || family.revokedAt !== undefined) return false;
    this.#families.set(familyId, { ...family, revokedAt: at });
    return true;
  }

  async revokeByAccount(
    accountId: string,
    at: number,
    { exceptId }: { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    let revoked = 0;
    for (const family of this.#families.values()) {
      if (family.accountId !== accountId || family.id === exceptId) continue;
      if (await this.revoke(family.id, at)) revoked += 1;
    }
    return revoked;
  }

  async listByAccount(accountId: string, at: number): Promise<readonly TokenFamily[]> {
    return [...this.#families.values()]
      .filter((each) => each.accountId === accountId)
      .filter((each) => each.revokedAt === undefined && each.expiresAt > at)
      .toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)
      .map((each) => structuredClone(each));
  }

  async prune(before: number): Promise<number> {
    const old = [...this.#families.values()].filter((each) => each.expiresAt < before);
    for (const { id } of old) this.#families.delete(id);
    for (const token of this.#tokens.values()) {
      if (!this.#families.has(token.familyId)) this.#tokens.delete(token.id);
    }
    return old.length;
  }
}
