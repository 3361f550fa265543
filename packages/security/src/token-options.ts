import type { Duration, Secret, TokenClaims } from "@infra/interfaces";

import type { KeyRing } from "./key-ring.js";
import type { TokenAlgorithms } from "./token-algorithms.js";

/** Options of `TokenService`. */
export interface TokenOptions {
  /** The keys; the type of each says its algorithm. Either these or `key` is required. */
  readonly keys?: KeyRing | undefined;
  /** The key as text: at least 32 random bytes in base64 or hex; a weaker one is for development only. */
  readonly key?: string | Secret | undefined;
  /** Keys that came before it, whose tokens still verify. */
  readonly previousKeys?: readonly string[] | Secret<readonly string[]> | undefined;
  /** The claim `iss`: put in, and required. @default "infra" */
  readonly issuer?: string | undefined;
  /** The claim `aud`: put in, and required, unless a call names another. @default the issuer */
  readonly audience?: string | undefined;
  /** The header `typ`: put in, and required, so that a token for one thing is none for another. @default "JWT" */
  readonly type?: string | undefined;
  readonly algorithms?: TokenAlgorithms | undefined;
  /** How far clocks may differ. @default "5s" */
  readonly clockTolerance?: Duration | undefined;
  /** The longest token that is looked at, in characters. @default 8192 */
  readonly maxLength?: number | undefined;
  /**
   * How many verified tokens are remembered, so that a repeated one is not computed again. Expiry, audience, revocation and
   * whether its key is still accepted are asked each time.
   *
   * @default 0
   */
  readonly cacheSize?: number | undefined;
  /** Asked at each verification, last. @default never */
  readonly isRevoked?:
    | ((
        claims: TokenClaims,
        context: { readonly signal?: AbortSignal | undefined },
      ) => boolean | Promise<boolean>)
    | undefined;
}
