import type { AccountStore, Identity } from "../account-store.js";
import type { Account } from "../account.js";
import { EmailTakenError, IdentityTakenError } from "../errors.js";

/** Accounts in this process: for tests and for trying things out. */
export class MemoryAccountStore implements AccountStore {
  readonly #accounts = new Map<string, Account>();
  readonly #ids = new Map<string, string>();
  readonly #identities = new Map<
    string,
    { readonly accountId: string; readonly identity: Identity }
  >();

  async create(account: Account): Promise<void> {
    this.#claim(account.login, account.id);
    this.#accounts.set(account.id, structuredClone(account));
  }

  async get(id: string): Promise<Account | undefined> {
    return structuredClone(this.#accounts.get(id));
  }

  async findByLogin(login: string): Promise<Account | undefined> {
    return structuredClone(this.#accounts.get(this.#ids.get(login) ?? ""));
  }

  async findByIdentity(identity: Identity): Promise<Account | undefined> {
    const linked = this.#identities.get(keyOf(identity));
    return linked && structuredClone(this.#accounts.get(linked.accountId));
  }

  async update(account: Account, revision: string): Promise<boolean> {
    const there = this.#accounts.get(account.id);
    if (there?.revision !== revision) return false;
    if (there.login !== account.login) {
      this.#claim(account.login, account.id);
      this.#ids.delete(there.login);
    }
    this.#accounts.set(account.id, structuredClone(account));
    return true;
  }

  async delete(id: string): Promise<void> {
    const there = this.#accounts.get(id);
    if (!there) return;
    this.#accounts.delete(id);
    this.#ids.delete(there.login);
    for (const [key, { accountId }] of this.#identities) {
      if (accountId === id) this.#identities.delete(key);
    }
  }

  async link(accountId: string, identity: Identity): Promise<void> {
    const there = this.#identities.get(keyOf(identity));
    if (there && there.accountId !== accountId) {
      throw new IdentityTakenError("this identity belongs to another account");
    }
    this.#identities.set(keyOf(identity), { accountId, identity: { ...identity } });
  }

  async unlink(accountId: string, identity: Identity): Promise<void> {
    const key = keyOf(identity);
    if (this.#identities.get(key)?.accountId === accountId) this.#identities.delete(key);
  }

  async identities(accountId: string): Promise<readonly Identity[]> {
    return [...this.#identities.values()]
      .filter((each) => each.accountId === accountId)
      .map(({ identity }) => structuredClone(identity));
  }

  #claim(login: string, id: string): void {
    if (this.#ids.has(login)) {
      throw new EmailTakenError("another account has this e-mail address");
    }
    this.#ids.set(login, id);
  }
}

function keyOf({ issuer, subject }: Identity): string {
  return JSON.stringify([issuer, subject]);
}
