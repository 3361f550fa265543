import { createHmac, randomUUID } from "node:crypto";

import {
  systemClock,
  toMilliseconds,
  type Clock,
  type TokenClaims,
  type TokenSigner,
  type TokenSignOptions,
  type TokenVerifyOptions,
} from "@infra/interfaces";

/** A token signer for tests: its tokens can be told from forged ones, expire, and are no JSON Web Tokens. */
export class FakeTokenSigner implements TokenSigner {
  readonly #clock: Clock;
  readonly #key = randomUUID();

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  async sign(claims: TokenClaims, options: TokenSignOptions): Promise<string> {
    options.signal?.throwIfAborted();
    const nowMs = this.#clock.now();
    const all = {
      iat: Math.floor(nowMs / 1000),
      exp: Math.floor((nowMs + toMilliseconds(options.expiresIn)) / 1000),
      jti: randomUUID(),
      iss: "fake",
      aud: options.audience ?? "fake",
      ...claims,
    };
    const body = Buffer.from(JSON.stringify(all)).toString("base64url");
    return `${body}.${this.#mac(body)}`;
  }

  async verify(token: string, options: TokenVerifyOptions = {}): Promise<TokenClaims> {
    options.signal?.throwIfAborted();
    const [body = "", mac] = token.split(".");
    if (mac !== this.#mac(body)) throw unauthenticated("the token is not valid");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as TokenClaims;
    if (claims.exp! * 1000 <= this.#clock.now()) throw unauthenticated("the token has expired");
    if (claims.aud !== (options.audience ?? "fake")) throw unauthenticated("it is not for us");
    return claims;
  }

  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] } {
    return { keys: [] };
  }

  #mac(body: string): string {
    return createHmac("sha256", this.#key).update(body).digest("base64url");
  }
}

/** As `UnauthenticatedError` of `@infra/errors` is recognised. */
class UnauthenticatedError extends Error {
  static readonly kind: string = "UnauthenticatedError";
  static readonly code: string = "ERR_UNAUTHENTICATED";
  readonly code: string = "ERR_UNAUTHENTICATED";
  readonly status: number = 401;

  constructor(message: string) {
    super(message);
    Object.defineProperty(this, Symbol.for("infra.error"), { value: true });
  }
}

function unauthenticated(message: string): Error {
  return new UnauthenticatedError(message);
}
