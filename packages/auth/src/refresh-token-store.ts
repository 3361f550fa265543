import type { StoreCallOptions } from "./account-store.js";

/** A login that goes on by refresh tokens: what a device has. All tokens that came of it are its family. */
export interface TokenFamily {
  readonly id: string;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it was refreshed last, in milliseconds since the epoch. */
  readonly lastUsedAt: number;
  /** No token of it holds longer; milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Milliseconds since the epoch. */
  readonly revokedAt?: number | undefined;
  /** When the person last proved who they are, in milliseconds since the epoch. */
  readonly authenticatedAt: number;
  /** How: `["password", "totp"]`. */
  readonly methods: readonly string[];
  /** The device, as it says of itself. */
  readonly userAgent?: string | undefined;
  readonly address?: string | undefined;
}

/** A refresh token, as stores keep it. */
export interface StoredRefreshToken {
  /** A hash of the token. */
  readonly id: string;
  readonly familyId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When it was exchanged for the next one, in milliseconds since the epoch. */
  readonly usedAt?: number | undefined;
  /** What makes, with the token itself, the next one. */
  readonly salt?: string | undefined;
  /** The next one's hash. */
  readonly nextId?: string | undefined;
}

/** How a token is exchanged. */
export interface TokenRotation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly salt: string;
  readonly next: { readonly id: string; readonly expiresAt: number };
}

/** Where refresh tokens are kept, by their families. Missing ones are `undefined`; what has expired may be kept or not. */
export interface RefreshTokenStore {
  /** Stores a new family with its first token. */
  create(
    family: TokenFamily,
    token: { readonly id: string; readonly expiresAt: number },
    options?: StoreCallOptions,
  ): Promise<void>;
  find(
    tokenId: string,
    options?: StoreCallOptions,
  ): Promise<{ readonly token: StoredRefreshToken; readonly family: TokenFamily } | undefined>;
  /**
   * Marks a token as used and stores its successor, in one step, if it is unused and its family not revoked; whether it
   * did. Of any number of calls for one token, in any number of processes, one does. A family that is revoked while this
   * runs is revoked with the successor.
   */
  rotate(tokenId: string, rotation: TokenRotation, options?: StoreCallOptions): Promise<boolean>;
  getFamily(id: string, options?: StoreCallOptions): Promise<TokenFamily | undefined>;
  /** Marks a family as revoked; whether it was not already. */
  revoke(familyId: string, at: number, options?: StoreCallOptions): Promise<boolean>;
  /** Marks all families of an account as revoked, but for one to keep; how many were not already. */
  revokeByAccount(
    accountId: string,
    at: number,
    options?: StoreCallOptions & { readonly exceptId?: string | undefined },
  ): Promise<number>;
  /** The families of an account that are neither revoked nor expired at `at`, the latest used first. */
  listByAccount(
    accountId: string,
    at: number,
    options?: StoreCallOptions,
  ): Promise<readonly TokenFamily[]>;
  /** Deletes what expired before; how many families. */
  prune(before: number, options?: StoreCallOptions): Promise<number>;
}
