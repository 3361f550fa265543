import {
  optional,
  section,
  systemClock,
  tokens,
  type Clock,
  type Inject,
  type Secret,
  type Signer,
  type SignOptions,
  type Token,
  type VerifyOptions,
} from "@infra/interfaces";

import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { encryptionConfig } from "./config.js";
import { expiryOf } from "./expiry.js";
import { frame } from "./frame.js";
import { ringOf } from "./key-options.js";
import type { KeyRing } from "./key-ring.js";
import { hmac, isEd25519, isHmac, signEd25519 } from "./mac.js";
import { checkPurpose } from "./purpose.js";
import type { KeyType, RingKey } from "./ring-key.js";
import { readSignedUrl, splitSignedUrl } from "./signed-url.js";

/** Options of {@link SignatureService}. */
export interface SignatureOptions {
  /**
   * The keys: secrets make HMAC-SHA-256 signatures, Ed25519 keys such that others can check with the public half. Either
   * these or `key` is required.
   */
  readonly keys?: KeyRing | undefined;
  /** The key as text: at least 32 random bytes in base64 or hex; a weaker one is for development only. */
  readonly key?: string | Secret | undefined;
  /** Keys that came before it, whose signatures still verify. */
  readonly previousKeys?: readonly string[] | Secret<readonly string[]> | undefined;
}

/** Collaborators of {@link SignatureService}. */
export interface SignatureDependencies {
  readonly clock?: Clock | undefined;
}

/** Options of {@link SignatureService.signUrl}. */
export interface SignUrlOptions extends SignOptions {
  /** The method that the link is for. @default "GET", and with it HEAD */
  readonly method?: string | undefined;
}

/** Options of {@link SignatureService.verifyUrl}. */
export interface VerifyUrlOptions extends VerifyOptions {
  /** The method of the request. @default "GET" */
  readonly method?: string | undefined;
}

const types: readonly KeyType[] = ["secret", "ed25519"];

/**
 * Signs values, data and links with keys that rotate. A signature is `<expiry>.<key>.<signature>`, the expiry in
 * milliseconds to base 36 or 0 for none; what is signed names its purpose, so that a signature for one thing is none for
 * another.
 */
export class SignatureService implements Signer {
  static readonly provides: Token<Signer> = tokens.signer;
  static readonly inject: Inject<typeof SignatureService> = {
    options: section(encryptionConfig),
    clock: optional(tokens.clock),
  };

  readonly #keys: KeyRing;
  readonly #clock: Clock;

  /** @throws TypeError without keys. */
  constructor(options: SignatureOptions, deps: SignatureDependencies = {}) {
    this.#clock = deps.clock ?? systemClock;
    this.#keys = ringOf("SignatureService", "ENCRYPTION_KEY", options, this.#clock);
  }

  sign(value: string, options: SignOptions): string {
    return `${value}.${this.#sign("value", value, options)}`;
  }

  verify(signed: string, options: VerifyOptions): string | undefined {
    checkPurpose(options.purpose);
    if (typeof signed !== "string") return undefined;
    // from the right: the value may have dots of its own
    const end = /\.[^.]*\.[^.]*\.[^.]*$/.exec(signed)?.index;
    if (end === undefined) return undefined;
    const value = signed.slice(0, end);
    return this.#verify("value", value, signed.slice(end + 1), options) ? value : undefined;
  }

  /** A signature apart from the data, of any length. */
  signDetached(data: string | Uint8Array, options: SignOptions): string {
    return this.#sign("detached", data, options);
  }

  /** Whether a signature is for this data, purpose and context, and has not expired. Never throws for what was sent. */
  verifyDetached(data: string | Uint8Array, signature: string, options: VerifyOptions): boolean {
    checkPurpose(options.purpose);
    return typeof signature === "string" && this.#verify("detached", data, signature, options);
  }

  /**
   * The URL, absolute or from `/` on, with a parameter `signature` at its end. Path and query are signed, scheme and host
   * are not: a proxy may change them. A fragment is dropped, no server ever sees it.
   *
   * @throws TypeError when the URL can't be read or is signed already.
   */
  signUrl(url: string | URL, options: SignUrlOptions): string {
    const { origin, target } = readSignedUrl(url);
    const signature = this.#sign("url", urlData(options.method, target), options);
    return `${origin}${target}${target.includes("?") ? "&" : "?"}signature=${signature}`;
  }

  /**
   * The URL without its signature; `undefined` when that is missing, not at the end, wrong, expired, or for another
   * method, purpose or context. Take path and parameters from what this returns. Never throws for what was sent.
   */
  verifyUrl(url: string | URL, options: VerifyUrlOptions): string | undefined {
    checkPurpose(options.purpose);
    const split = splitSignedUrl(url);
    if (!split) return undefined;
    const { origin, target, signature } = split;
    const data = urlData(options.method, target);
    return this.#verify("url", data, signature, options) ? `${origin}${target}` : undefined;
  }

  #sign(kind: string, data: string | Uint8Array, options: SignOptions): string {
    checkPurpose(options.purpose);
    if (typeof data !== "string" && !ArrayBuffer.isView(data)) {
      throw new TypeError(`sign: the data must be text or bytes, got ${typeof data}`);
    }
    const key = this.#keys.current(options.purpose, types);
    const expiry = (expiryOf(options.expiresIn, this.#clock.now()) ?? 0).toString(36);
    const message = messageOf(kind, data, options, expiry, key.id);
    const signature = key.privateKey
      ? signEd25519(key.privateKey, message)
      : hmac(macKey(key, options.purpose), message);
    return `${expiry}.${key.id}.${encodeBase64url(signature)}`;
  }

  #verify(
    kind: string,
    data: string | Uint8Array,
    signature: string,
    options: VerifyOptions,
  ): boolean {
    const [expiry = "", keyId = "", encoded = "", ...more] = signature.split(".");
    const key = more.length === 0 && this.#keys.find(keyId, options.purpose);
    const bytes = decodeBase64url(encoded);
    if (!key || !bytes || !/^(0|[1-9a-z][\da-z]{0,9})$/.test(expiry)) return false;
    const message = messageOf(kind, data, options, expiry, key.id);
    if (!isSignature(key, options.purpose, message, bytes)) return false;
    return expiry === "0" || Number.parseInt(expiry, 36) > this.#clock.now();
  }
}

function messageOf(
  kind: string,
  data: string | Uint8Array,
  { purpose, context }: VerifyOptions,
  expiry: string,
  keyId: string,
): Buffer {
  return frame("infra signature 1", kind, purpose, context, expiry, keyId, data);
}

function isSignature(key: RingKey, purpose: string, message: Buffer, signature: Buffer): boolean {
  if (key.type === "ed25519") return isEd25519(key.publicKey!, message, signature);
  return key.type === "secret" && isHmac(macKey(key, purpose), message, signature);
}

function macKey(key: RingKey, purpose: string): Buffer {
  return key.derive("signature", purpose);
}

function urlData(method = "GET", target: string): Buffer {
  const upper = method.toUpperCase();
  return frame(upper === "HEAD" ? "GET" : upper, target);
}
