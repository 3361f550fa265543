import { compactVerify, CompactSign, type CompactJWSHeaderParameters } from "jose";

import { joseKey, type JoseKey } from "./jose-key.js";
import { toTokenError } from "./token-failure.js";

/** Options of {@link signJws} and {@link verifyJws}. */
export interface JwsOptions {
  readonly key: JoseKey;
  /** The one algorithm: `"HS256"`, `"ES256"`, `"EdDSA"`, … What the text says of itself has to be the same. */
  readonly algorithm: string;
}

/**
 * Signs bytes as a compact JSON Web Signature (RFC 7515). For tokens about somebody use `TokenService`, which also
 * rotates keys and checks claims.
 *
 * @param header further members of the header: `kid`, `typ`.
 * @throws TypeError or RangeError when the key does not fit the algorithm.
 */
export async function signJws(
  payload: string | Uint8Array,
  { key, algorithm }: JwsOptions,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  return await new CompactSign(bytes)
    .setProtectedHeader({ ...header, alg: algorithm })
    .sign(joseKey(key, algorithm, "private"));
}

/**
 * The payload and header of a compact JSON Web Signature. Keys that it names or brings along are not looked at.
 *
 * @throws TokenError `ERR_SECURITY_TOKEN`; TypeError or RangeError when the key does not fit the algorithm.
 */
export async function verifyJws(
  jws: string,
  { key, algorithm }: JwsOptions,
): Promise<{ readonly payload: Uint8Array; readonly header: CompactJWSHeaderParameters }> {
  const verifyKey = joseKey(key, algorithm, "public");
  try {
    const { payload, protectedHeader } = await compactVerify(jws, verifyKey, {
      algorithms: [algorithm],
    });
    return { payload, header: protectedHeader };
  } catch (error) {
    throw toTokenError(error);
  }
}
