import { createHash } from "node:crypto";

import {
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type TokenSigner,
} from "@infra/interfaces";

import type { AccountStore, StoreCallOptions } from "./account-store.js";
import type { Account } from "./account.js";
import { AuthEvents } from "./auth-event.js";
import { RefreshTokenError, type RefreshRefusal } from "./errors.js";
import { boundedClient, isUsable, type ClientInfo, type Login } from "./login.js";
import { digestOf, randomText } from "./opaque-token.js";
import type { RefreshTokenStore, StoredRefreshToken, TokenFamily } from "./refresh-token-store.js";

/** Options of {@link TokenLoginService}. */
export interface TokenLoginOptions {
  /** How long an access token holds. @default "10m" */
  readonly accessTokenLifetime?: Duration | undefined;
  /** How long a login goes on without being refreshed. @default "14d" */
  readonly idle?: Duration | undefined;
  /** How long a login lasts at all. @default "90d" */
  readonly absolute?: Duration | undefined;
  /** How long the same refresh token gives the same successor, 0 to a minute. @default "10s" */
  readonly reuseWindow?: Duration | undefined;
}

/** Collaborators of {@link TokenLoginService}. */
export interface TokenLoginDependencies {
  readonly tokens: TokenSigner;
  readonly store: RefreshTokenStore;
  readonly accounts: AccountStore;
  readonly clock?: Clock | undefined;
  readonly events?: AuthEvents | undefined;
}

/** What a client that logs in by tokens is given. */
export interface TokenPair {
  /** For the header `Authorization: Bearer …`. */
  readonly accessToken: string;
  /** For one exchange: the answer has the next one. */
  readonly refreshToken: string;
  readonly tokenType: "Bearer";
  /** When the access token expires, in seconds from now, as OAuth says it. */
  readonly expiresIn: number;
}

/** A login by tokens, as its owner sees it. */
export type TokenLogin = Omit<TokenFamily, "accountId" | "revokedAt">;

const tokenForm = /^[\w-]{43}$/;
const longestWindowMs = 60_000;

/**
 * Logins by tokens: short-lived access tokens, and refresh tokens that are good for one exchange each. One that is shown again
 * later was stolen, or is shown by whom it was stolen from: all that came of the login is revoked.
 */
export class TokenLoginService {
  readonly #tokens: TokenSigner;
  readonly #store: RefreshTokenStore;
  readonly #accounts: AccountStore;
  readonly #clock: Clock;
  readonly #events: AuthEvents;
  readonly #accessMs: number;
  readonly #idleMs: number;
  readonly #absoluteMs: number;
  readonly #reuseMs: number;

  /** @throws RangeError for a duration that is none, and for a `reuseWindow` beyond a minute. */
  constructor(options: TokenLoginOptions, deps: TokenLoginDependencies) {
    this.#tokens = deps.tokens;
    this.#store = deps.store;
    this.#accounts = deps.accounts;
    this.#clock = deps.clock ?? systemClock;
    this.#events = deps.events ?? new AuthEvents(() => this.#clock.now());
    this.#accessMs = toMilliseconds(options.accessTokenLifetime ?? "10m", "accessTokenLifetime");
    this.#idleMs = toMilliseconds(options.idle ?? "14d", "refreshTokenIdle");
    this.#absoluteMs = toMilliseconds(options.absolute ?? "90d", "refreshTokenAbsolute");
    this.#reuseMs = toMilliseconds(options.reuseWindow ?? "10s", "reuseWindow");
    if (this.#reuseMs > longestWindowMs) {
      throw new RangeError(`reuseWindow must be at most "1m", got ${this.#reuseMs} ms`);
    }
  }

  /** Begins a login by tokens. */
  async start(
    login: Login,
    { client = {}, signal }: StoreCallOptions & { readonly client?: ClientInfo | undefined } = {},
  ): Promise<TokenPair> {
    const now = this.#clock.now();
    const refreshToken = randomText();
    const family: TokenFamily = {
      id: digestOf(randomText()).slice(0, 32),
      accountId: login.account.id,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + this.#absoluteMs,
      authenticatedAt: login.authenticatedAt,
      methods: login.methods,
      ...boundedClient(client),
    };
    const first = { id: digestOf(refreshToken), expiresAt: this.#expiryOf(family, now) };
    await this.#store.create(family, first, { signal });
    this.#events.emit("session-started", {
      accountId: family.accountId,
      credentialId: family.id,
      address: client.address,
    });
    return await this.#pair(login.account, family, refreshToken, signal);
  }

  /**
   * Exchanges a refresh token for new tokens. Any number of exchanges of one token at a time, from any number of processes,
   * give the same successor: a client whose answer was lost, or whose tabs refresh at once, goes on, and no second branch
   * comes of it. That ends with the `reuseWindow`, and as soon as the successor was used.
   *
   * @throws RefreshTokenError (`ERR_AUTH_REFRESH_TOKEN`). Any other error is no verdict on the token: keep it, and try again.
   */
  async refresh(refreshToken: string, { signal }: StoreCallOptions = {}): Promise<TokenPair> {
    if (typeof refreshToken !== "string" || !tokenForm.test(refreshToken)) {
      throw refused("unknown");
    }
    const id = digestOf(refreshToken);
    const now = this.#clock.now();
    const found = await this.#store.find(id, { signal });
    if (!found) throw refused("unknown");
    const { token, family } = found;
    this.#checkFamily(family, now);
    // the store is asked before anything else is done: what follows the rotation must not fail for a reason of its own
    const account = await this.#accounts.get(family.accountId, { signal });
    if (!isUsable(account)) throw refused("revoked");
    if (token.usedAt === undefined) {
      if (token.expiresAt <= now) throw refused("expired");
      const salt = randomText();
      const next = successorOf(refreshToken, salt);
      const rotation = {
        at: now,
        salt,
        next: { id: digestOf(next), expiresAt: this.#expiryOf(family, now) },
      };
      if (await this.#store.rotate(id, rotation, { signal })) {
        return await this.#pair(account, family, next, signal);
      }
    }
    return await this.#again(refreshToken, id, account, signal);
  }

  /** Ends the login that a refresh token belongs to; idempotent. */
  async end(refreshToken: string, { signal }: StoreCallOptions = {}): Promise<void> {
    if (typeof refreshToken !== "string" || !tokenForm.test(refreshToken)) return;
    const found = await this.#store.find(digestOf(refreshToken), { signal });
    if (!found) return;
    const { id, accountId } = found.family;
    if (await this.#store.revoke(id, this.#clock.now(), { signal })) {
      this.#events.emit("logout", { accountId, credentialId: id });
    }
  }

  /** The logins by tokens of an account, the latest used first. */
  async list(accountId: string, options: StoreCallOptions = {}): Promise<readonly TokenLogin[]> {
    const families = await this.#store.listByAccount(accountId, this.#clock.now(), options);
    return families.map(({ accountId: _owner, revokedAt: _none, ...login }) => login);
  }

  /** Ends one login of an account, by its id; whether there was one. Another account's is left alone. */
  async revoke(accountId: string, id: string, options: StoreCallOptions = {}): Promise<boolean> {
    const family = await this.#store.getFamily(id, options);
    if (family?.accountId !== accountId) return false;
    if (!(await this.#store.revoke(id, this.#clock.now(), options))) return false;
    this.#events.emit("tokens-revoked", { accountId, credentialId: id });
    return true;
  }

  /** Ends all logins of an account, or all but one; how many. */
  async revokeAll(
    accountId: string,
    options: StoreCallOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const revoked = await this.#store.revokeByAccount(accountId, this.#clock.now(), options);
    if (revoked > 0) this.#events.emit("tokens-revoked", { accountId, reason: "all" });
    return revoked;
  }

  /** Whether a login goes on: what `tokenRevocation: "immediate"` asks at each request. */
  async isActive(id: string, options: StoreCallOptions = {}): Promise<boolean> {
    const family = await this.#store.getFamily(id, options);
    return (
      family !== undefined && family.revokedAt === undefined && family.expiresAt > this.#clock.now()
    );
  }

  /** Deletes the logins whose absolute time ended a day ago; how many. */
  async prune(options: StoreCallOptions = {}): Promise<number> {
    return await this.#store.prune(this.#clock.now() - 86_400_000, options);
  }

  /** The token was exchanged before, perhaps just now by another request: looked at anew, for that may have been elsewhere. */
  async #again(
    refreshToken: string,
    id: string,
    account: Account,
    signal: AbortSignal | undefined,
  ): Promise<TokenPair> {
    const found = await this.#store.find(id, { signal });
    if (!found) throw refused("unknown");
    const { token, family } = found;
    const now = this.#clock.now();
    this.#checkFamily(family, now);
    if (await this.#isRepeated(token, now, signal)) {
      return await this.#pair(account, family, successorOf(refreshToken, token.salt!), signal);
    }
    await this.#store.revoke(family.id, now, { signal });
    this.#events.emit("refresh-token-reused", {
      accountId: family.accountId,
      credentialId: family.id,
    });
    throw refused("reused");
  }

  async #isRepeated(
    { usedAt, salt, nextId }: StoredRefreshToken,
    now: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (usedAt === undefined || salt === undefined || nextId === undefined) return false;
    // a clock of another process may be ahead
    if (this.#reuseMs === 0 || now - usedAt >= this.#reuseMs) return false;
    // who has used the successor has no more need of what came before it
    return (await this.#store.find(nextId, { signal }))?.token.usedAt === undefined;
  }

  #checkFamily(family: TokenFamily, now: number): void {
    if (family.revokedAt !== undefined) throw refused("revoked");
    if (family.expiresAt <= now) throw refused("expired");
  }

  #expiryOf(family: TokenFamily, now: number): number {
    return Math.min(now + this.#idleMs, family.expiresAt);
  }

  async #pair(
    account: Pick<Account, "id" | "roles" | "tenantId">,
    family: TokenFamily,
    refreshToken: string,
    signal: AbortSignal | undefined,
  ): Promise<TokenPair> {
    const accessToken = await this.#tokens.sign(
      {
        sub: account.id,
        sid: family.id,
        roles: account.roles,
        auth_time: Math.floor(family.authenticatedAt / 1000),
        amr: family.methods,
        ...(account.tenantId !== undefined && { tenant: account.tenantId }),
      },
      { expiresIn: this.#accessMs, signal },
    );
    const expiresIn = Math.floor(this.#accessMs / 1000);
    return { accessToken, refreshToken, tokenType: "Bearer", expiresIn };
  }
}

/**
 * The next token: whoever has the one before and the stored salt can make it again, and nobody who has only one of them. So
 * parallel exchanges agree without the store knowing a token.
 */
function successorOf(refreshToken: string, salt: string): string {
  return createHash("sha256").update(`${salt}.${refreshToken}`).digest("base64url");
}

function refused(reason: RefreshRefusal): Error {
  return new RefreshTokenError("the refresh token is not valid", { details: { reason } });
}
