import { toMilliseconds, type Duration, type TokenSigner } from "@infra/interfaces";

/** An answer of HTTP. */
export interface KeySetResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The public keys that access tokens are signed with, for `/.well-known/jwks.json`. Others may keep them for `maxAge`: a
 * new key should be in the ring for that long before it signs (`notBefore`), and an old one as long as its tokens hold.
 *
 * @param maxAge Default: "5m".
 */
export function keySetResponse(tokens: TokenSigner, maxAge: Duration = "5m"): KeySetResponse {
  const seconds = Math.floor(toMilliseconds(maxAge, "maxAge") / 1000);
  return {
    headers: {
      "content-type": "application/jwk-set+json",
      "cache-control": `public, max-age=${seconds}`,
    },
    body: JSON.stringify(tokens.jwks()),
  };
}
