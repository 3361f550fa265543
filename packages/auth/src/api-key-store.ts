import type { StoreCallOptions } from "./account-store.js";

/** An API key, as stores keep it. */
export interface StoredApiKey {
  /** Part of the key, and no secret. */
  readonly id: string;
  /** A hash of its secret part. */
  readonly hash: string;
  readonly accountId: string;
  /** What its owner calls it. */
  readonly name: string;
  /** What it may do: actions, `notes.*` for all that begin so; `undefined`: what its owner may. */
  readonly abilities?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; `undefined`: it does not expire. */
  readonly expiresAt?: number | undefined;
  /** To the minute, in milliseconds since the epoch. */
  readonly lastUsedAt?: number | undefined;
}

/** Where API keys are kept. Missing ones are `undefined`. */
export interface ApiKeyStore {
  create(key: StoredApiKey, options?: StoreCallOptions): Promise<void>;
  get(id: string, options?: StoreCallOptions): Promise<StoredApiKey | undefined>;
  /** Writes when it was used last, of a key that is there: it never brings a deleted one back. */
  touch(id: string, lastUsedAt: number, options?: StoreCallOptions): Promise<void>;
  /** Whether there was one of this account. */
  delete(accountId: string, id: string, options?: StoreCallOptions): Promise<boolean>;
  deleteByAccount(accountId: string, options?: StoreCallOptions): Promise<number>;
  /** The newest first. */
  listByAccount(accountId: string, options?: StoreCallOptions): Promise<readonly StoredApiKey[]>;
}
