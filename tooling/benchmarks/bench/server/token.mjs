// A token for the realistic route, and who checks it: jose on every side.
import { createSecretKey } from "node:crypto";

import { jwtVerify, SignJWT } from "jose";

const key = createSecretKey(Buffer.alloc(32, 7));
const claims = { issuer: "bench", audience: "notes" };

export async function createToken() {
  return new SignJWT({ sub: "ada" })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setExpirationTime("1h")
    .sign(key);
}

/** Resolves to who it belongs to; `undefined` when it is not valid. */
export async function userOf(token) {
  try {
    const { payload } = await jwtVerify(token, key, { ...claims, algorithms: ["HS256"] });
    return payload.sub;
  } catch {
    return undefined;
  }
}

/** The token of a request, as `Bearer …`. */
export function bearerOf({ headers }) {
  return headers.authorization?.startsWith("Bearer ") ? headers.authorization.slice(7) : "";
}
