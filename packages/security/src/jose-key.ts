import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";

import { Secret } from "@infra/interfaces";

import type { KeyInput } from "./ring-key.js";

/** A key of `signJws` and its like: a secret as bytes, or a key in any form that `node:crypto` reads. */
export type JoseKey = KeyInput | Uint8Array | Secret<KeyInput | Uint8Array>;

const leastBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/**
 * A key as a KeyObject, if it is of the kind that the algorithm needs. jose itself takes the bytes of a public key, PEM
 * and all, for an HMAC secret, which everybody then can sign with, and a secret of six bytes.
 *
 * @throws TypeError or RangeError when it is not.
 */
export function joseKey(input: JoseKey, algorithm: string, half: "private" | "public"): KeyObject {
  const key = read(Secret.reveal(input), half);
  const wanted = /^(HS|dir$|A\d+(GCM)?KW$)/.test(algorithm) ? "secret" : half;
  if (key.type !== wanted) {
    throw new TypeError(`key must be a ${wanted} key for ${algorithm}, got a ${key.type} key`);
  }
  const least = leastBytes[algorithm] ?? 0;
  if (wanted === "secret" && key.symmetricKeySize! < least) {
    throw new RangeError(
      `key must have at least ${least} bytes for ${algorithm}, got ${key.symmetricKeySize}`,
    );
  }
  return key;
}

function read(input: KeyInput | Uint8Array, half: "private" | "public"): KeyObject {
  const create = half === "private" ? createPrivateKey : createPublicKey;
  if (typeof input === "string") return create(input);
  if (ArrayBuffer.isView(input)) {
    if (Buffer.from(input).includes("-----BEGIN")) {
      throw new TypeError("key must not be the bytes of a PEM file: pass it as text");
    }
    return createSecretKey(input);
  }
  if ("kty" in input) {
    if (input.kty !== "oct") return create({ key: input, format: "jwk" });
    return createSecretKey(Buffer.from(String(input["k"]), "base64url"));
  }
  const key = input as KeyObject;
  return key.type === "private" && half === "public" ? createPublicKey(key) : key;
}
