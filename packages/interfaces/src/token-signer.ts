import type { Duration } from "./duration.js";

/** What a token says: registered claims have the meaning of RFC 7519, times are seconds since the epoch. */
export interface TokenClaims {
  readonly sub?: string;
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/** Options of {@link TokenSigner.sign}. */
export interface TokenSignOptions {
  readonly expiresIn: Duration;
  readonly audience?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link TokenSigner.verify}. */
export interface TokenVerifyOptions {
  /** Who the token must be for. */
  readonly audience?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Issues and checks JSON Web Tokens with keys that rotate; the algorithms are pinned by whoever configured it. */
export interface TokenSigner {
  /** Sets `iat`, `exp`, `iss` and a new `jti`, unless the claims have their own. */
  sign(claims: TokenClaims, options: TokenSignOptions): Promise<string>;
  /** @throws UnauthenticatedError when the token is malformed, forged, expired, not yet valid, or for somebody else. */
  verify(token: string, options?: TokenVerifyOptions): Promise<TokenClaims>;
  /** The public keys as a JSON Web Key Set, for others to verify with; symmetric keys are never in it. */
  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}
