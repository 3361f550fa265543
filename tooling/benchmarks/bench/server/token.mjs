// A token for the realistic route, and who checks it with jose.
import { jwtVerify, SignJWT } from "jose";

export const secret = Buffer.alloc(32, 7);
export const claims = { issuer: "bench", audience: "notes" };

// imported once, which is the fastest way with jose
const hmac = { name: "HMAC", hash: "SHA-256" };
const importing = crypto.subtle.importKey("raw", secret, hmac, false, ["sign", "verify"]);

export async function createToken() {
  return new SignJWT({ sub: "ada" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(await importing);
}

/** Resolves to who it belongs to; `undefined` when it is not valid. */
export async function userOf(token) {
  try {
    const { payload } = await jwtVerify(token, await importing, {
      ...claims,
      algorithms: ["HS256"],
    });
    return payload.sub;
  } catch {
    return undefined;
  }
}

/** The token of a request, as `Bearer …`. */
export function bearerOf({ headers }) {
  return headers.authorization?.startsWith("Bearer ") ? headers.authorization.slice(7) : "";
}
