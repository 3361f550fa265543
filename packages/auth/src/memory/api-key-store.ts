import type { ApiKeyStore, StoredApiKey } from "../api-key-store.js";

/** API keys in this process: for tests and for trying things out. */
export class MemoryApiKeyStore implements ApiKeyStore {
  readonly #keys = new Map<string, StoredApiKey>();

  async create(key: StoredApiKey): Promise<void> {
    this.#keys.set(key.id, structuredClone(key));
  }

  async get(id: string): Promise<StoredApiKey | undefined> {
    return structuredClone(this.#keys.get(id));
  }

  async touch(id: string, lastUsedAt: number): Promise<void> {
    const key = this.#keys.get(id);
    if (key) this.#keys.set(id, { ...key, lastUsedAt });
  }

  async delete(accountId: string, id: string): Promise<boolean> {
    return this.#keys.get(id)?.accountId === accountId && this.#keys.delete(id);
  }

  async deleteByAccount(accountId: string): Promise<number> {
    const theirs = await this.listByAccount(accountId);
    return theirs.filter(({ id }) => this.#keys.delete(id)).length;
  }

  async listByAccount(accountId: string): Promise<readonly StoredApiKey[]> {
    return [...this.#keys.values()]
      .filter((key) => key.accountId === accountId)
      .toReversed()
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .map((key) => structuredClone(key));
  }
}
