import type { AccountStore, Identity, StoreCallOptions } from "./account-store.js";
import { profileOf, type AccountProfile } from "./account.js";
import type { ApiKeyService } from "./api-key-service.js";
import type { AuthParts } from "./auth-parts.js";
import { changeAccount } from "./change-account.js";
import { loginOf } from "./email-address.js";
import type { EndLogins } from "./password-change.js";
import type { NewAccount, Registration } from "./registration.js";

/** What {@link AccountService} stands on. */
export interface AccountServiceParts {
  readonly registration: Registration;
  readonly apiKeys: ApiKeyService;
  readonly endLogins: EndLogins;
}

/** Accounts, as administrators and scripts handle them. */
export class AccountService {
  /** Where they are kept, with their hashes. */
  readonly store: AccountStore;
  readonly #parts: AuthParts;
  readonly #registration: Registration;
  readonly #apiKeys: ApiKeyService;
  readonly #endLogins: EndLogins;

  constructor(parts: AuthParts, { registration, apiKeys, endLogins }: AccountServiceParts) {
    this.store = parts.accounts;
    this.#parts = parts;
    this.#registration = registration;
    this.#apiKeys = apiKeys;
    this.#endLogins = endLogins;
  }

  /**
   * Makes an account for somebody, with roles if need be. No mail is sent.
   *
   * @throws EmailTakenError (`ERR_AUTH_EMAIL_TAKEN`), and what the password rules throw.
   */
  async create(request: NewAccount, options: StoreCallOptions = {}): Promise<AccountProfile> {
    return await this.#registration.create(request, options);
  }

  async get(id: string, options: StoreCallOptions = {}): Promise<AccountProfile | undefined> {
    const account = await this.store.get(id, options);
    return account && profileOf(account);
  }

  async findByEmail(
    email: string,
    options: StoreCallOptions = {},
  ): Promise<AccountProfile | undefined> {
    const login = loginOf(email);
    const account = login && (await this.store.findByLogin(login, options));
    return account ? profileOf(account) : undefined;
  }

  /** Changes what the application keeps with an account. */
  async setData(
    id: string,
    data: Readonly<Record<string, unknown>>,
    options: StoreCallOptions = {},
  ): Promise<AccountProfile | undefined> {
    const account = await changeAccount(
      this.store,
      id,
      (each) => ({ data: { ...each.data, ...data } }),
      options,
    );
    return account && profileOf(account);
  }

  /** Gives an account other roles. Access tokens have those of when they were made, so its logins by tokens end. */
  async setRoles(
    id: string,
    roles: readonly string[],
    options: StoreCallOptions = {},
  ): Promise<AccountProfile | undefined> {
    const account = await changeAccount(this.store, id, () => ({ roles: [...roles] }), options);
    if (!account) return undefined;
    const { stores, clock, events } = this.#parts;
    await stores.refreshTokens.revokeByAccount(id, clock.now(), options);
    events.emit("roles-changed", { accountId: id });
    return profileOf(account);
  }

  /** Ends all logins of an account, and lets nobody in, by API key neither; idempotent. */
  async disable(id: string, options: StoreCallOptions = {}): Promise<void> {
    const disabledAt = this.#parts.clock.now();
    await changeAccount(this.store, id, () => ({ disabledAt }), options);
    await this.#endLogins(id, options);
    this.#parts.events.emit("account-disabled", { accountId: id });
  }

  /** Takes {@link AccountService.disable} back. */
  async enable(id: string, options: StoreCallOptions = {}): Promise<void> {
    const account = await changeAccount(this.store, id, () => ({ disabledAt: undefined }), options);
    if (account) this.#parts.events.emit("account-enabled", { accountId: id });
  }

  /** Deletes an account with all that it could log in with; idempotent. */
  async delete(id: string, options: StoreCallOptions = {}): Promise<void> {
    // the account first: whoever is still logged in has none any more
    await this.store.delete(id, options);
    await this.#endLogins(id, options);
    await this.#apiKeys.revokeAll(id, options);
    this.#parts.events.emit("account-deleted", { accountId: id });
  }

  /**
   * Says that an identity belongs to an account, whose owner is logged in.
   *
   * @throws IdentityTakenError (`ERR_AUTH_IDENTITY_TAKEN`) when it is another's.
   */
  async linkIdentity(
    id: string,
    identity: Identity,
    options: StoreCallOptions = {},
  ): Promise<void> {
    await this.store.link(id, identity, options);
    this.#parts.events.emit("identity-linked", { accountId: id });
  }
}
