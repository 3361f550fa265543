import { importPeer } from "@infra/errors";
import {
  silentLogger,
  systemClock,
  toMilliseconds,
  type Authenticator,
  type Clock,
  type Credential,
  type Duration,
  type Logger,
  type Principal,
  type TokenClaims,
} from "@infra/interfaces";

import { IdentityProviderError, TokenRefusedError } from "../errors.js";
import { RemoteKeySet } from "../remote-key-set.js";

/** Options of {@link RemoteTokenVerifier}. */
export interface RemoteTokenVerifierOptions {
  /** The claim `iss`, which has to be right. */
  readonly issuer: string;
  /** The claim `aud`, which has to be right. */
  readonly audience: string;
  /** Where the issuer's keys are. @default `<issuer>/.well-known/jwks.json` */
  readonly jwksUrl?: string | undefined;
  /** What tokens may be signed with; no symmetric ones. @default `["RS256", "PS256", "ES256", "EdDSA"]` */
  readonly algorithms?: readonly string[] | undefined;
  /** The header `typ`, which has to be right: `"at+jwt"` (RFC 9068). @default any */
  readonly type?: string | undefined;
  /** How far clocks may differ. @default "5s" */
  readonly clockTolerance?: Duration | undefined;
  /** After how long the keys are looked at again, in the background. @default "10m" */
  readonly refreshAfter?: Duration | undefined;
  /** How long keys are used while the issuer does not answer. @default "24h" */
  readonly maxStale?: Duration | undefined;
  /** How long the issuer is left alone after a failure, or after a key that it does not have. @default "30s" */
  readonly cooldown?: Duration | undefined;
  /** How long the issuer may take. @default "5s" */
  readonly timeout?: Duration | undefined;
  /** Who the claims speak of. @default `sub`, with the roles of the claim `roles` */
  readonly toPrincipal?: ((claims: TokenClaims) => Principal | undefined) | undefined;
}

/** Collaborators of {@link RemoteTokenVerifier}. */
export interface RemoteTokenVerifierDependencies {
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  /** @default the global one */
  readonly fetch?: typeof fetch | undefined;
}

const asymmetric = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/;

/**
 * Verifies tokens of another issuer, by the keys that it publishes. Keys are fetched once and looked at again in the
 * background; an issuer that is out of reach makes no good token bad for as long as its last keys may be used.
 */
export class RemoteTokenVerifier implements Authenticator {
  readonly #options: RemoteTokenVerifierOptions;
  readonly #algorithms: string[];
  readonly #toleranceS: number;
  readonly #clock: Clock;
  readonly #keys: RemoteKeySet;

  /** @throws TypeError for a URL that is none, or an algorithm that is symmetric or unknown; RangeError for a duration. */
  constructor(options: RemoteTokenVerifierOptions, deps: RemoteTokenVerifierDependencies = {}) {
    const { issuer, audience, algorithms = ["RS256", "PS256", "ES256", "EdDSA"] } = options;
    if (!issuer || !audience) throw new TypeError("issuer and audience must be non-empty text");
    const odd = algorithms.find((each) => !asymmetric.test(each));
    if (odd !== undefined || algorithms.length === 0) {
      throw new TypeError(`algorithms must be asymmetric ones, got ${JSON.stringify(odd)}`);
    }
    const url = options.jwksUrl ?? `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
    if (!URL.canParse(url))
      throw new TypeError(`jwksUrl must be a URL, got ${JSON.stringify(url)}`);
    this.#options = options;
    this.#algorithms = [...algorithms];
    this.#toleranceS = toMilliseconds(options.clockTolerance ?? "5s", "clockTolerance") / 1000;
    this.#clock = deps.clock ?? systemClock;
    this.#keys = new RemoteKeySet({
      url: new URL(url),
      refreshAfterMs: toMilliseconds(options.refreshAfter ?? "10m", "refreshAfter"),
      maxStaleMs: toMilliseconds(options.maxStale ?? "24h", "maxStale"),
      cooldownMs: toMilliseconds(options.cooldown ?? "30s", "cooldown"),
      timeoutMs: toMilliseconds(options.timeout ?? "5s", "timeout"),
      clock: this.#clock,
      logger: deps.logger ?? silentLogger,
      fetch: deps.fetch,
    });
  }

  /**
   * The claims of a token.
   *
   * @throws TokenRefusedError (`ERR_AUTH_TOKEN_REFUSED`) when it is not good; IdentityProviderError
   * (`ERR_AUTH_IDENTITY_PROVIDER`) when that can't be found out, for there are no keys yet; the signal's reason.
   */
  async verify(
    token: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TokenClaims> {
    signal?.throwIfAborted();
    const jose = await importPeer("jose", () => import("jose"), { for: "RemoteTokenVerifier" });
    if (typeof token !== "string" || token.length > 16_384) {
      throw new TokenRefusedError("the token is not valid");
    }
    const { issuer, audience, type } = this.#options;
    try {
      const { payload } = await jose.jwtVerify(
        token,
        (header) => unlessAborted(this.#keys.find(header), signal) as Promise<never>,
        {
          issuer,
          audience,
          algorithms: this.#algorithms,
          requiredClaims: ["exp", "sub"],
          clockTolerance: this.#toleranceS,
          currentDate: new Date(this.#clock.now()),
          ...(type !== undefined && { typ: type }),
        },
      );
      return payload;
    } catch (error) {
      if (IdentityProviderError.is(error)) throw error;
      if (!(error instanceof jose.errors.JOSEError)) throw error;
      // without the cause, which holds the claims
      throw new TokenRefusedError("the token is not valid", { details: { reason: error.code } });
    }
  }

  async authenticate(
    { scheme, value }: Credential,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Principal | undefined> {
    if (scheme !== "bearer") return undefined;
    try {
      const claims = await this.verify(value, options);
      return (this.#options.toPrincipal ?? principalOf)(claims);
    } catch (error) {
      if (TokenRefusedError.is(error)) return undefined;
      throw error;
    }
  }
}

/** Ends the wait, not the work: others may wait for the same. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function principalOf({ sub, roles, jti, exp, auth_time: authTime }: TokenClaims): Principal {
  return {
    id: sub!,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    credentialId: jti,
    authenticatedAt: typeof authTime === "number" ? authTime * 1000 : undefined,
    expiresAt: exp! * 1000,
  };
}
