import { generateKeyPairSync, randomBytes, type JsonWebKey } from "node:crypto";

import { Secret, systemClock, type Clock } from "@infra/interfaces";

import { KeyUnavailableError } from "./errors.js";
import { secretFromText } from "./key-text.js";
import { RingKey, type KeyDefinition, type KeyTimes, type KeyType } from "./ring-key.js";

/** Options of {@link KeyRing}. */
export interface KeyRingOptions {
  /** How short a secret may be, in bytes, at least 16. @default 32 */
  readonly minimumBytes?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Keys that rotate. The newest one whose time has come makes new things; all of them read, each until its `notAfter`. So
 * a rotation is: add a key, and take the old one out when nothing made with it is wanted any longer. Where several
 * machines share the keys, give the new one a `notBefore` in the near future, so that all know it before one uses it.
 */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();
  readonly #clock: Clock;
  readonly #minimumBytes: number;

  /** @throws TypeError or RangeError when a key is unfit or two have one name. */
  constructor(keys: KeyDefinition | readonly KeyDefinition[], options: KeyRingOptions = {}) {
    const { clock = systemClock, minimumBytes = 32 } = options;
    if (!Number.isInteger(minimumBytes) || minimumBytes < 16) {
      throw new RangeError(
        `KeyRing: minimumBytes must be a whole number from 16, got ${String(minimumBytes)}`,
      );
    }
    this.#clock = clock;
    this.#minimumBytes = minimumBytes;
    for (const key of [keys].flat()) this.add(key);
  }

  /**
   * A ring from texts, as they stand in the environment: the first makes and reads, the others, which came before it,
   * only read. A text that could not hold 32 random bytes is stretched; that is for development.
   *
   * @throws TypeError when a text is empty or missing.
   */
  static fromText(
    current: string | Secret,
    previous: readonly (string | Secret)[] = [],
    options: KeyRingOptions = {},
  ): KeyRing {
    // a key that is also among the previous ones is one key
    const texts = new Set([current, ...previous].map((text) => Secret.reveal(text)));
    const keys = Array.from(texts, (revealed) => {
      if (typeof revealed === "string" && revealed !== "")
        return { secret: secretFromText(revealed) };
      throw new TypeError("KeyRing.fromText: a key must be a non-empty string");
    });
    return new KeyRing(keys.toReversed(), options);
  }

  /**
   * A ring of public keys that verifies what others sign, from a JSON Web Key Set (RFC 7517). Keys for encryption are left
   * out.
   *
   * @throws TypeError when a key is a secret, a private key, or of a kind that nothing here uses.
   */
  static fromJwks(
    jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] },
    options: KeyRingOptions = {},
  ): KeyRing {
    const signing = jwks.keys.filter(({ use }) => use !== "enc");
    const keys = signing.map((jwk) => ({
      publicKey: jwk as JsonWebKey,
      id: typeof jwk["kid"] === "string" ? jwk["kid"] : undefined,
    }));
    return new KeyRing(keys, options);
  }

  /** A new random key, to be put into a ring. Keep it, or what it made is lost with the process. */
  static generate(type: Exclude<KeyType, "rsa"> = "secret", times: KeyTimes = {}): KeyDefinition {
    if (type === "secret") return { ...times, secret: randomBytes(32) };
    const { privateKey } =
      type === "ed25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: type === "p256" ? "P-256" : "P-384" });
    return { ...times, privateKey };
  }

  /** The keys, the one added first first. */
  get keys(): readonly RingKey[] {
    return [...this.#keys.values()];
  }

  /**
   * Adds a key. Of keys with the same `notBefore` the one added last is the newest.
   *
   * @throws TypeError or RangeError when it is unfit, or another has its name.
   */
  add(definition: KeyDefinition): RingKey {
    const key = new RingKey(definition, this.#minimumBytes);
    if (this.#keys.has(key.id)) throw new TypeError(`KeyRing: two keys are called ${key.id}`);
    this.#keys.set(key.id, key);
    return key;
  }

  /** Takes a key out: what was made with it is refused from now on. Says whether there was one. */
  remove(id: string): boolean {
    return this.#keys.delete(id);
  }

  /**
   * The key that makes new things for a purpose.
   *
   * @param types the types that will do. Default: all.
   * @throws KeyUnavailableError `ERR_SECURITY_KEY_UNAVAILABLE` when there is none.
   */
  current(purpose: string, types?: readonly KeyType[]): RingKey {
    const newest = this.currentOrNone(purpose, types);
    if (newest) return newest;
    const kind = types ? ` of type ${types.join(" or ")}` : "";
    throw new KeyUnavailableError(
      `no key${kind} of the ring makes anything for ${JSON.stringify(purpose)} now`,
      { details: { purpose } },
    );
  }

  /** As {@link KeyRing.current}; `undefined` when there is none. */
  currentOrNone(purpose: string, types?: readonly KeyType[]): RingKey | undefined {
    const now = this.#clock.now();
    let newest: RingKey | undefined;
    for (const key of this.#keys.values()) {
      if (!key.makes || !key.isFor(purpose) || (types && !types.includes(key.type))) continue;
      if (key.notBeforeMs > now || key.notAfterMs <= now) continue;
      if (!newest || key.notBeforeMs >= newest.notBeforeMs) newest = key;
    }
    return newest;
  }

  /** The key of this name, to check or read what it made; `undefined` when it is unknown, too old, or for other purposes. */
  find(id: string, purpose: string): RingKey | undefined {
    const key = this.#keys.get(id);
    return key && key.notAfterMs > this.#clock.now() && key.isFor(purpose) ? key : undefined;
  }

  /** Every key that is accepted for a purpose now, the newest last. */
  accepted(purpose: string): readonly RingKey[] {
    return this.keys.filter((key) => this.find(key.id, purpose) === key);
  }

  /** Names and types, no key. */
  toJSON(): { readonly keys: readonly RingKey[] } {
    return { keys: this.keys };
  }
}
