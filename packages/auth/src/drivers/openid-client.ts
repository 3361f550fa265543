import { importPeer } from "@infra/errors";
import {
  Secret,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type Encrypter,
} from "@infra/interfaces";
import type { Configuration } from "openid-client";

import { IdentityProviderError, IdentityRefusedError } from "../errors.js";
import type { IdentityClaims } from "../identity-login.js";

/** Options of {@link OpenIdLogin}. */
export interface OpenIdLoginOptions {
  /** The provider's URL, whose `/.well-known/openid-configuration` says the rest. */
  readonly issuer: string;
  readonly clientId: string;
  /** @default none: a public client */
  readonly clientSecret?: string | Secret | undefined;
  /** The page of ours that the provider sends people back to. */
  readonly redirectUri: string;
  /** @default "openid email profile" */
  readonly scope?: string | undefined;
  /** How long somebody may take at the provider. @default "10m" */
  readonly lifetime?: Duration | undefined;
  /** How long the provider may take to answer. @default "10s" */
  readonly timeout?: Duration | undefined;
  /** Whether the provider may be reached without TLS: for tests. @default false */
  readonly allowInsecure?: boolean | undefined;
}

/** Collaborators of {@link OpenIdLogin}. */
export interface OpenIdLoginDependencies {
  /** Seals what has to come back: state, nonce and the verifier of PKCE. */
  readonly encrypter: Encrypter;
  readonly clock?: Clock | undefined;
}

/** What a login that was begun needs. */
export interface BegunLogin {
  /** Where to send the browser. */
  readonly url: string;
  /** To be kept in a cookie (HttpOnly, SameSite=Lax, `maxAge`) until the provider sends the browser back; sealed. */
  readonly state: string;
  /** Seconds. */
  readonly maxAge: number;
}

/** What the provider said. */
export interface FinishedLogin extends IdentityClaims {
  /** Where `begin` was told to go on. */
  readonly returnTo?: string | undefined;
  /** All claims of the id token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo?: string | undefined;
}

const purpose = "openid-login";

/** openid-client's `Configuration`, as far as it is described here. */
export interface OpenIdConfiguration {
  serverMetadata(): Readonly<Record<string, unknown>>;
  clientMetadata(): Readonly<Record<string, unknown>>;
}

/** Login at an OpenID provider: authorization code with PKCE, state and nonce, by openid-client, which is certified. */
export class OpenIdLogin {
  readonly #options: OpenIdLoginOptions;
  readonly #encrypter: Encrypter;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #timeoutS: number;
  #configuration: Promise<Configuration> | undefined;

  /** @throws TypeError for a URL that is none, RangeError for a duration. */
  constructor(options: OpenIdLoginOptions, { encrypter, clock }: OpenIdLoginDependencies) {
    for (const name of ["issuer", "redirectUri"] as const) {
      if (!URL.canParse(options[name])) {
        throw new TypeError(`${name} must be a URL, got ${JSON.stringify(options[name])}`);
      }
    }
    this.#options = options;
    this.#encrypter = encrypter;
    this.#clock = clock ?? systemClock;
    this.#lifetimeMs = toMilliseconds(options.lifetime ?? "10m", "lifetime");
    this.#timeoutS = toMilliseconds(options.timeout ?? "10s", "timeout") / 1000;
  }

  /** openid-client's own configuration, for everything that has no method here. Discovered once. */
  async configuration(): Promise<OpenIdConfiguration> {
    return await this.#configured();
  }

  /**
   * Begins a login; `returnTo` is a path of ours to go on to afterwards.
   *
   * @throws IdentityProviderError (`ERR_AUTH_IDENTITY_PROVIDER`) when the provider can't be asked; TypeError when `returnTo` is
   * no path of ours.
   */
  async begin({ returnTo }: { readonly returnTo?: string | undefined } = {}): Promise<BegunLogin> {
    if (returnTo !== undefined && !/^\/(?![/\\])[^\r\n]*$/.test(returnTo)) {
      throw new TypeError(`returnTo must be a path, got ${JSON.stringify(returnTo)}`);
    }
    const client = await load();
    const configuration = await this.#configured();
    const transaction: Transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      ...(returnTo !== undefined && { returnTo }),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#options.redirectUri,
      scope: this.#options.scope ?? "openid email profile",
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: "S256",
    });
    const state = this.#encrypter.encrypt(JSON.stringify(transaction), {
      purpose,
      context: this.#options.clientId,
      expiresIn: this.#lifetimeMs,
    });
    return { url: url.href, state, maxAge: Math.floor(this.#lifetimeMs / 1000) };
  }

  /**
   * Takes the browser's way back: the query that the provider gave it, and the cookie.
   *
   * @throws IdentityRefusedError (`ERR_AUTH_IDENTITY_REFUSED`), IdentityProviderError (`ERR_AUTH_IDENTITY_PROVIDER`).
   */
  async finish(query: string | URLSearchParams, state: string | undefined): Promise<FinishedLogin> {
    const transaction = this.#open(state);
    const client = await load();
    const configuration = await this.#configured();
    const url = new URL(this.#options.redirectUri);
    url.search = String(query);
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: transaction.verifier,
        expectedState: transaction.state,
        expectedNonce: transaction.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const { email, email_verified: emailVerified, name } = claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        ...(typeof email === "string" && { email }),
        emailVerified: emailVerified === true,
        ...(typeof name === "string" && { name }),
        ...(transaction.returnTo !== undefined && { returnTo: transaction.returnTo }),
        claims: { ...claims },
      };
    } catch (error) {
      throw isOutage(error)
        ? new IdentityProviderError("the identity provider does not answer", { cause: error })
        : new IdentityRefusedError("the login at the identity provider did not succeed", {
            cause: error,
          });
    }
  }

  async #configured(): Promise<Configuration> {
    return await (this.#configuration ??= this.#discover().catch((error: unknown) => {
      // the next one tries again
      this.#configuration = undefined;
      throw error;
    }));
  }

  #open(state: string | undefined): Transaction {
    try {
      const opened = this.#encrypter.decrypt(state ?? "", {
        purpose,
        context: this.#options.clientId,
      });
      return JSON.parse(Buffer.from(opened).toString("utf8")) as Transaction;
    } catch {
      throw new IdentityRefusedError("the login was not begun here, or took too long: begin again");
    }
  }

  async #discover(): Promise<Configuration> {
    const client = await load();
    const { issuer, clientId, clientSecret, allowInsecure } = this.#options;
    const secret = clientSecret === undefined ? undefined : Secret.reveal(clientSecret);
    try {
      return await client.discovery(
        new URL(issuer),
        clientId,
        {
          [client.clockTolerance]: 5,
          // where our clock stands, for tests that move it
          [client.clockSkew]: Math.round((this.#clock.now() - Date.now()) / 1000),
          ...(secret !== undefined && { client_secret: secret }),
        },
        secret === undefined ? client.None() : undefined,
        {
          timeout: this.#timeoutS,
          ...(allowInsecure && { execute: [client.allowInsecureRequests] }),
        },
      );
    } catch (error) {
      throw new IdentityProviderError("the identity provider can't be asked what it can do", {
        cause: error,
      });
    }
  }
}

async function load(): Promise<typeof import("openid-client")> {
  return await importPeer("openid-client", () => import("openid-client"), { for: "OpenIdLogin" });
}

/** Not reached, too slow, or failing: says nothing of who logs in. */
function isOutage(error: unknown): boolean {
  const { name, code, status, cause } = error as {
    name?: string;
    code?: string;
    status?: number;
    cause?: unknown;
  };
  if (name === "TimeoutError" || code === "OAUTH_TIMEOUT" || (status ?? 0) >= 500) return true;
  if (error instanceof TypeError && /fetch failed/.test(error.message)) return true;
  return cause instanceof Response && cause.status >= 500;
}
