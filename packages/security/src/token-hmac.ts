import { isUtf8 } from "node:buffer";
import type { KeyObject } from "node:crypto";

import { decodeBase64url } from "./base64url.js";
import { isHmac, type HmacHash } from "./mac.js";

/** What a secret makes codes with. */
export interface HmacKey {
  readonly secret: KeyObject;
  readonly hash: HmacHash;
}

/** What the payload of a token says as JSON, if its code is right; `undefined` otherwise. The header is not looked at. */
export function payloadOf(token: string, { secret, hash }: HmacKey): unknown {
  const end = token.lastIndexOf(".");
  // a dot too many is no base64url either
  const payload = decodeBase64url(token.slice(token.indexOf(".") + 1, end));
  const given = decodeBase64url(token.slice(end + 1));
  if (!payload || !given || !isHmac(secret, token.slice(0, end), given, hash)) return undefined;
  try {
    return isUtf8(payload) ? JSON.parse(payload.toString()) : undefined;
  } catch {
    return undefined;
  }
}
