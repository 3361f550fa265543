import { AuthService } from "@infra/auth";
import type { Authenticator, Credential, Inject, Principal, Revocation } from "@infra/interfaces";

import { shareTokenPrefix } from "../contract.js";
import { Shares } from "../shares/shares.js";

interface Dependencies {
  readonly auth: AuthService;
  readonly shares: Shares;
}

/** Who listens live: accounts by their session, and whoever has a share link. */
export class Visitors implements Authenticator {
  static readonly inject: Inject<typeof Visitors> = { auth: AuthService, shares: Shares };
  readonly #deps: Dependencies;

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** The gateway closes what was opened with these: a log-out, a link that was ended. */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    const { auth, shares } = this.#deps;
    const ends = [auth.onRevoked(listener), shares.onRevoked(listener)];
    return () => {
      for (const end of ends) end();
    };
  }

  async authenticate(
    credential: Credential,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Principal | undefined> {
    const { auth, shares } = this.#deps;
    if (!credential.value.startsWith(shareTokenPrefix)) {
      return await auth.authenticate(credential, options);
    }
    const share = await shares.find(credential.value);
    if (!share.found) return undefined;
    const { id, albumId, expiresAt } = share;
    // a tenant of one album: see gateway-rules.ts
    return {
      id: `share:${id}`,
      credentialId: id,
      roles: [],
      tenantId: albumId,
      expiresAt: expiresAt.getTime(),
    };
  }
}
