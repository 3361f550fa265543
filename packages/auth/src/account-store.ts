import type { Account } from "./account.js";

/** Options of the calls of the stores. */
export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Somebody, as an identity provider knows them. */
export interface Identity {
  /** The issuer's URL. */
  readonly issuer: string;
  /** The provider's own name for them: the claim `sub`. */
  readonly subject: string;
}

/**
 * Where accounts are kept. A missing one is `undefined`. Everything is found by exactly what was asked for: an engine
 * whose comparison takes é for e must not.
 */
export interface AccountStore {
  /** @throws EmailTakenError (`ERR_AUTH_EMAIL_TAKEN`) when another account has its `login`. */
  create(account: Account, options?: StoreCallOptions): Promise<void>;
  get(id: string, options?: StoreCallOptions): Promise<Account | undefined>;
  findByLogin(login: string, options?: StoreCallOptions): Promise<Account | undefined>;
  findByIdentity(identity: Identity, options?: StoreCallOptions): Promise<Account | undefined>;
  /**
   * Writes a changed account, whole, if the stored one still has this revision; whether it did. Of any number that try with
   * one revision at a time, one does.
   *
   * @throws EmailTakenError (`ERR_AUTH_EMAIL_TAKEN`) when another account has its new `login`.
   */
  update(account: Account, revision: string, options?: StoreCallOptions): Promise<boolean>;
  /** Deletes an account with its identities; idempotent. */
  delete(id: string, options?: StoreCallOptions): Promise<void>;
  /**
   * Says that an identity is this account's; idempotent.
   *
   * @throws IdentityTakenError (`ERR_AUTH_IDENTITY_TAKEN`) when it is another's.
   */
  link(accountId: string, identity: Identity, options?: StoreCallOptions): Promise<void>;
  /** Idempotent; does nothing to another account's identity. */
  unlink(accountId: string, identity: Identity, options?: StoreCallOptions): Promise<void>;
  identities(accountId: string, options?: StoreCallOptions): Promise<readonly Identity[]>;
}
