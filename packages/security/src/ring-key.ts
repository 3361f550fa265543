import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";

import { Secret } from "@infra/interfaces";

import { hkdf } from "./hkdf.js";
import { idOfSecret } from "./key-text.js";

/** What every key of a {@link KeyRing} can say of itself. */
export interface KeyTimes {
  /**
   * Its name, in everything that is made with it: letters, digits, `-` and `_`, up to 64; of a public key any text. Never two
   * keys of one name.
   *
   * @default derived from the key; a public key's is its RFC 7638 thumbprint
   */
  readonly id?: string | undefined;
  /** The purposes it is for. @default any */
  readonly purposes?: readonly string[] | undefined;
  /** From when on things are made with it; milliseconds since the epoch. It is accepted before, for clocks differ. @default always */
  readonly notBefore?: number | Date | undefined;
  /** Until when what was made with it is accepted; milliseconds since the epoch. @default always */
  readonly notAfter?: number | Date | undefined;
}

/** A key in any form that `node:crypto` reads: a KeyObject, PEM text, or a JSON Web Key. */
export type KeyInput = KeyObject | string | JsonWebKey;

/** A secret, or a key pair, or the public half of one, which only verifies. */
export type KeyDefinition = KeyTimes &
  (
    | {
        /** At least 32 bytes; text counts as UTF-8. */
        readonly secret: string | Uint8Array | Secret<string | Uint8Array>;
      }
    | { readonly privateKey: KeyInput | Secret<KeyInput> }
    | { readonly publicKey: KeyInput }
  );

/** What a key is. `rsa` and the elliptic curves `p256`, `p384` are for tokens only. */
export type KeyType = "secret" | "ed25519" | "p256" | "p384" | "rsa";

const curves: Readonly<Record<string, KeyType>> = { prime256v1: "p256", secp384r1: "p384" };
/** Purposes are few and known; should a caller make them up, the oldest subkeys are derived again. */
const mostSubkeys = 500;

/** One key of a ring. Prints as its name; the key itself comes out of it by the getters only. */
export class RingKey {
  readonly id: string;
  readonly type: KeyType;
  readonly purposes: readonly string[] | undefined;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly #secret: Buffer | undefined;
  readonly #private: KeyObject | undefined;
  readonly #public: KeyObject | undefined;
  readonly #subkeys = new Map<string, Buffer>();

  /** @throws TypeError or RangeError when the key can't be read, is too short, or of a kind that nothing here uses. */
  constructor(definition: KeyDefinition, minimumBytes: number) {
    const { purposes, notBefore, notAfter } = definition;
    if ("secret" in definition) {
      this.#secret = secretBytes(definition.secret, minimumBytes);
      this.type = "secret";
    } else if ("privateKey" in definition) {
      this.#private = readKey(Secret.reveal(definition.privateKey), "privateKey");
      this.#public = createPublicKey(this.#private);
      this.type = typeOf(this.#private);
    } else {
      this.#public = readKey(definition.publicKey, "publicKey");
      this.type = typeOf(this.#public);
    }
    const { id = this.#secret ? idOfSecret(this.#secret) : thumbprint(this.#public!) } = definition;
    this.id = this.makes ? checkedId(id) : id;
    this.purposes = purposes && [...purposes];
    this.notBeforeMs = timeOf(notBefore, -Infinity, "notBefore");
    this.notAfterMs = timeOf(notAfter, Infinity, "notAfter");
    if (this.notAfterMs <= this.notBeforeMs) {
      throw new RangeError(`key ${this.id}: notAfter must be later than notBefore`);
    }
  }

  /** Whether things can be made with it, not only checked. */
  get makes(): boolean {
    return this.#secret !== undefined || this.#private !== undefined;
  }

  /** The secret as a key object; `undefined` for a key pair. */
  get secretKey(): KeyObject | undefined {
    return this.#secret && createSecretKey(this.#secret);
  }

  /** The private key; `undefined` for a secret or the public half alone. */
  get privateKey(): KeyObject | undefined {
    return this.#private;
  }

  /** The public key; `undefined` for a secret. */
  get publicKey(): KeyObject | undefined {
    return this.#public;
  }

  /** Whether it is for this purpose. */
  isFor(purpose: string): boolean {
    return this.purposes?.includes(purpose) ?? true;
  }

  /**
   * A 32-byte key of its own for one use and purpose, derived from the secret (HKDF).
   *
   * @throws TypeError for a key pair.
   */
  derive(use: string, purpose: string): Buffer {
    if (!this.#secret) {
      throw new TypeError(`key ${this.id}: derive needs a secret, this is ${this.type}`);
    }
    const info = JSON.stringify(["infra", use, purpose]);
    let key = this.#subkeys.get(info);
    if (!key) {
      key = hkdf(this.#secret, { info });
      if (this.#subkeys.size >= mostSubkeys) this.#subkeys.clear();
      this.#subkeys.set(info, key);
    }
    return key;
  }

  toJSON(): { readonly id: string; readonly type: KeyType } {
    return { id: this.id, type: this.type };
  }
}

function secretBytes(
  given: string | Uint8Array | Secret<string | Uint8Array>,
  minimum: number,
): Buffer {
  const secret = Secret.reveal(given);
  if (typeof secret !== "string" && !ArrayBuffer.isView(secret)) {
    throw new TypeError(`KeyRing: secret must be text or bytes, got ${typeof secret}`);
  }
  // a copy: what the caller does to its own must not change the key
  const bytes = typeof secret === "string" ? Buffer.from(secret) : Buffer.from(secret);
  if (bytes.length < minimum) {
    throw new RangeError(
      `KeyRing: secret must have at least ${minimum} bytes, got ${bytes.length}; openssl rand -base64 32 makes one`,
    );
  }
  if (bytes.includes("-----BEGIN")) {
    throw new TypeError(
      "KeyRing: secret must not be a PEM file: pass it as privateKey or publicKey",
    );
  }
  return bytes;
}

function readKey(input: KeyInput, name: "privateKey" | "publicKey"): KeyObject {
  const type = name === "privateKey" ? "private" : "public";
  const isObject = typeof input === "object" && "asymmetricKeyType" in input;
  if (isObject && (input as KeyObject).type === type) return input as KeyObject;
  if (isObject || (type === "public" && isPrivate(input))) {
    throw new TypeError(`KeyRing: ${name} must be a ${type} key`);
  }
  const create = type === "private" ? createPrivateKey : createPublicKey;
  try {
    return typeof input === "string"
      ? create(input)
      : create({ key: input as JsonWebKey, format: "jwk" });
  } catch {
    // what was thrown may quote the key
    throw new TypeError(`KeyRing: ${name} must be a KeyObject, PEM text or a JSON Web Key`);
  }
}

/** Node.js makes a public key of a private one without a word. */
function isPrivate(input: KeyInput): boolean {
  return typeof input === "string" ? input.includes("PRIVATE KEY") : "d" in input || "k" in input;
}

function typeOf(key: KeyObject): KeyType {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return "ed25519";
  const curve = type === "ec" && curves[details?.namedCurve ?? ""];
  if (curve) return curve;
  if (type === "rsa") {
    const bits = details?.modulusLength ?? 0;
    if (bits >= 2048) return "rsa";
    throw new RangeError(`KeyRing: an RSA key must have at least 2048 bits, got ${bits}`);
  }
  throw new TypeError(
    `KeyRing: a key must be Ed25519, P-256, P-384 or RSA, got ${details?.namedCurve ?? String(type)}`,
  );
}

function checkedId(id: string): string {
  if (/^[\w-]{1,64}$/.test(id)) return id;
  throw new TypeError(
    `KeyRing: id must be 1 to 64 letters, digits, "-" or "_", got ${JSON.stringify(id)}`,
  );
}

function timeOf(time: number | Date | undefined, otherwise: number, name: string): number {
  if (time === undefined) return otherwise;
  const ms = Number(time);
  if (!Number.isNaN(ms)) return ms;
  throw new TypeError(`KeyRing: ${name} must be a Date or milliseconds, got ${String(time)}`);
}

/** RFC 7638: the digest of what makes the key, its members in alphabetical order. */
function thumbprint(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ crv, e, kty, n, x, y })).digest("base64url");
}
