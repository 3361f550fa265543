import { UnauthenticatedError } from "@infra/errors";
import type { Credential, Principal, TokenClaims } from "@infra/interfaces";
import type { TokenSigner } from "@infra/interfaces";

import type { AccountStore, StoreCallOptions } from "./account-store.js";
import type { ApiKeyService } from "./api-key-service.js";
import { isUsable } from "./login.js";
import type { SessionService } from "./session-service.js";
import type { TokenLoginService } from "./token-login-service.js";

/** What {@link Principals} asks. */
export interface PrincipalSources {
  readonly accounts: AccountStore;
  readonly sessions: SessionService;
  readonly apiKeys: ApiKeyService;
  readonly tokens: TokenSigner | undefined;
  readonly tokenLogins: TokenLoginService | undefined;
  /** Whether a revoked login's access tokens end at once. */
  readonly immediate: boolean;
}

/**
 * Tells who a credential belongs to. A credential that is not good is `undefined`; that a store or a signer fails, or refuses
 * for a while, is an error: it says nothing of the credential, and nobody is logged out by it.
 */
export class Principals {
  readonly #sources: PrincipalSources;

  constructor(sources: PrincipalSources) {
    this.#sources = sources;
  }

  async find(
    { scheme, value }: Credential,
    options: StoreCallOptions,
  ): Promise<Principal | undefined> {
    if (scheme === "session") return await this.#bySession(value, options);
    if (scheme === "api-key") return await this.#byApiKey(value, options);
    return await this.#byToken(value, options);
  }

  async #bySession(token: string, options: StoreCallOptions): Promise<Principal | undefined> {
    const session = await this.#sources.sessions.get(token, options);
    if (session?.userId === undefined) return undefined;
    const account = await this.#sources.accounts.get(session.userId, options);
    if (!isUsable(account)) return undefined;
    return {
      id: account.id,
      roles: account.roles,
      tenantId: account.tenantId,
      credentialId: session.id,
      authenticatedAt: session.authenticatedAt,
      expiresAt: session.expiresAt,
    };
  }

  async #byApiKey(key: string, options: StoreCallOptions): Promise<Principal | undefined> {
    const apiKey = await this.#sources.apiKeys.verify(key, options);
    if (!apiKey) return undefined;
    const account = await this.#sources.accounts.get(apiKey.accountId, options);
    if (!isUsable(account)) return undefined;
    return {
      id: account.id,
      roles: account.roles,
      abilities: apiKey.abilities,
      tenantId: account.tenantId,
      credentialId: apiKey.id,
      expiresAt: apiKey.expiresAt,
    };
  }

  async #byToken(token: string, options: StoreCallOptions): Promise<Principal | undefined> {
    const { tokens, tokenLogins, immediate } = this.#sources;
    if (!tokens) return undefined;
    let claims: TokenClaims;
    try {
      claims = await tokens.verify(token, options);
    } catch (error) {
      if (UnauthenticatedError.is(error)) return undefined;
      throw error;
    }
    const { sub, sid, roles, auth_time: authTime, tenant, exp } = claims;
    // a token of the same signer that is for something else
    if (typeof sub !== "string" || typeof sid !== "string" || !Array.isArray(roles)) {
      return undefined;
    }
    if (immediate && !(await tokenLogins?.isActive(sid, options))) return undefined;
    return {
      id: sub,
      roles: roles.filter((role) => typeof role === "string"),
      tenantId: typeof tenant === "string" ? tenant : undefined,
      credentialId: sid,
      authenticatedAt: typeof authTime === "number" ? authTime * 1000 : undefined,
      expiresAt: exp === undefined ? undefined : exp * 1000,
    };
  }
}
