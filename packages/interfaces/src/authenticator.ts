/** Who is asking, once that is known. */
export interface Principal {
  /** The account's id. */
  readonly id: string;
  readonly roles: readonly string[];
  /** What it may do by itself, such as the abilities of an API key; `undefined`: what its roles may. */
  readonly abilities?: readonly string[] | undefined;
  readonly tenantId?: string | undefined;
  /** The session, API key or token that it came with: what a revocation names. */
  readonly credentialId?: string | undefined;
  /** When the person last proved who they are, in milliseconds since the epoch. */
  readonly authenticatedAt?: number | undefined;
  /** When this stops to hold, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** What a client showed. */
export interface Credential {
  readonly scheme: "bearer" | "session" | "api-key";
  readonly value: string;
}

/** What was revoked, or allows something else from now on: one credential, or all of an account. */
export type Revocation = { readonly credentialId: string } | { readonly accountId: string };

/** Tells who a credential belongs to. */
export interface Authenticator {
  /**
   * `undefined` when the credential is unknown, forged, expired or revoked. Rejects only when that can't be found out: an
   * outage is not a wrong password.
   */
  authenticate(
    credential: Credential,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Principal | undefined>;
  /**
   * Calls back when this process revoked something, for those who keep connections open; what it returns ends that. By
   * then `authenticate` answers as it does from now on. One that can't tell leaves it out.
   */
  onRevoked?(listener: (revocation: Revocation) => void): () => void;
}

/** An answer of {@link Authorizer}. */
export interface Decision {
  readonly allowed: boolean;
  /** Why not, in words that the client may read. */
  readonly reason?: string | undefined;
}

/** Tells what somebody may do. */
export interface Authorizer {
  /** Whether `principal` (`undefined`: nobody) may do `action`, to `resource` if there is one. Denies what no rule allows. */
  decide(
    principal: Principal | undefined,
    action: string,
    resource?: unknown,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Decision>;
}
