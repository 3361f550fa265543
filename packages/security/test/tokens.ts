import { createHmac } from "node:crypto";

import { ManualClock } from "@infra/testing";

import { KeyRing, TokenService, type TokenOptions } from "../src/index.js";

export const secret = Buffer.alloc(32, 7);

export function encode(value: unknown): string {
  const bytes = Buffer.isBuffer(value)
    ? value
    : Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  return bytes.toString("base64url");
}

export function service(
  clock = new ManualClock(),
  options: Partial<TokenOptions> = {},
): TokenService {
  const keys = new KeyRing({ id: "one", secret }, { clock });
  return new TokenService({ keys, issuer: "shop", audience: "web", ...options }, { clock });
}

/** What is given as the header and claims, signed for right with HS256, whatever they say. */
export function forge(header: object, claims: object, key: string | Buffer = secret): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

/** Why a token was refused; what it said when it was not. */
export async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { passed: await work };
  } catch (error) {
    const { code, status, details } = error as {
      code: string;
      status: number;
      details: { reason: string };
    };
    return code === "ERR_SECURITY_TOKEN" && status === 401 ? details.reason : error;
  }
}
