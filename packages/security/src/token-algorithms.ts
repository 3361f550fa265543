import type { CryptoKey } from "jose";

import type { RingKey } from "./ring-key.js";

/** What a secret signs with. */
export type HmacAlgorithm = "HS256" | "HS384" | "HS512";
/** What an RSA key signs with. */
export type RsaAlgorithm = "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512";

/** The one algorithm of each key: never what a token says of itself. */
export interface TokenAlgorithms {
  /** Of secrets. @default "HS256" */
  readonly secret?: HmacAlgorithm | undefined;
  /** Of RSA keys. @default "RS256" */
  readonly rsa?: RsaAlgorithm | undefined;
}

const leastBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** The algorithm that goes with a key; Ed25519 is `EdDSA`, the curves are `ES256` and `ES384`. */
export function algorithmOf(key: RingKey, algorithms: TokenAlgorithms): string {
  if (key.type === "secret") return algorithms.secret ?? "HS256";
  if (key.type === "rsa") return algorithms.rsa ?? "RS256";
  if (key.type === "ed25519") return "EdDSA";
  return key.type === "p256" ? "ES256" : "ES384";
}

/**
 * The key as jose takes it at once: it would import a secret anew for each token.
 *
 * @throws RangeError when a secret is shorter than the hash of its algorithm (RFC 7518, section 3.2).
 */
export async function signingKey(key: RingKey, algorithm: string): Promise<CryptoKey> {
  const bytes = key.secretKey!.export();
  const least = leastBytes[algorithm] ?? 0;
  if (bytes.length < least) {
    throw new RangeError(
      `key ${key.id}: ${algorithm} needs a secret of at least ${least} bytes, this has ${bytes.length}`,
    );
  }
  return await crypto.subtle.importKey(
    "raw",
    bytes,
    { name: "HMAC", hash: `SHA-${algorithm.slice(2)}` },
    false,
    ["sign", "verify"],
  );
}
