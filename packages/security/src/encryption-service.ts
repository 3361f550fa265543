import type { Transform } from "node:stream";

import {
  section,
  systemClock,
  tokens,
  optional,
  type Clock,
  type DecryptOptions,
  type Encrypter,
  type EncryptOptions,
  type Inject,
  type Secret,
  type Token,
} from "@infra/interfaces";

import { open, seal, tagLength, type AeadAlgorithm } from "./aead.js";
import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { encryptionConfig } from "./config.js";
import { DecryptingStream } from "./decrypting-stream.js";
import {
  nonceLength,
  readHeader,
  saltLength,
  writeHead,
  type EncryptedHeader,
} from "./encrypted-header.js";
import { EncryptingStream } from "./encrypting-stream.js";
import { DecryptionError } from "./errors.js";
import { expiryOf } from "./expiry.js";
import { frame } from "./frame.js";
import { ringOf } from "./key-options.js";
import type { KeyRing } from "./key-ring.js";
import { hmac } from "./mac.js";
import { checkPurpose } from "./purpose.js";

/** Options of {@link EncryptionService}. */
export interface EncryptionOptions {
  /** The keys. Either these or `key` is required. */
  readonly keys?: KeyRing | undefined;
  /** The key as text: at least 32 random bytes in base64 or hex; a weaker one is for development only. */
  readonly key?: string | Secret | undefined;
  /** Keys that came before it, which still decrypt. */
  readonly previousKeys?: readonly string[] | Secret<readonly string[]> | undefined;
  /**
   * What encrypts; both are decrypted. AES is the faster where the processor has instructions for it, which is nearly
   * everywhere.
   *
   * @default "aes-256-gcm"
   */
  readonly algorithm?: AeadAlgorithm | undefined;
}

/** Collaborators of {@link EncryptionService}. */
export interface EncryptionDependencies {
  readonly clock?: Clock | undefined;
}

/**
 * Encrypts values and streams with keys that rotate. Each value has a key of its own, derived from the ring's, the
 * purpose and a random salt, and a random nonce besides: 224 random bits, so that neither the number of messages nor a
 * forked process ever brings a nonce back under one key, which would give AES-GCM's authentication away.
 */
export class EncryptionService implements Encrypter {
  static readonly provides: Token<Encrypter> = tokens.encrypter;
  static readonly inject: Inject<typeof EncryptionService> = {
    options: section(encryptionConfig),
    clock: optional(tokens.clock),
  };

  readonly #keys: KeyRing;
  readonly #algorithm: AeadAlgorithm;
  readonly #clock: Clock;

  /** @throws TypeError without keys, or for an unknown algorithm. */
  constructor(options: EncryptionOptions, deps: EncryptionDependencies = {}) {
    const { algorithm = "aes-256-gcm" } = options;
    if (algorithm !== "aes-256-gcm" && algorithm !== "chacha20-poly1305") {
      throw new TypeError(
        `EncryptionService: algorithm must be "aes-256-gcm" or "chacha20-poly1305", got ${JSON.stringify(algorithm)}`,
      );
    }
    this.#algorithm = algorithm;
    this.#clock = deps.clock ?? systemClock;
    this.#keys = ringOf("EncryptionService", "ENCRYPTION_KEY", options, this.#clock);
  }

  encrypt(value: string | Uint8Array, options: EncryptOptions): string {
    return this.#encrypt(value, options, expiryOf(options.expiresIn, this.#clock.now()));
  }

  /** @throws DecryptionError `ERR_SECURITY_DECRYPTION`, for whatever reason. */
  decrypt(encrypted: string, options: DecryptOptions): Buffer {
    checkPurpose(options.purpose);
    const bytes = decodeBase64url(encrypted);
    const read = bytes && readHeader("value", bytes);
    const key = read && this.#keys.find(read.header.keyId, options.purpose);
    if (!read || key?.type !== "secret" || this.#isOver(read.header)) throw failure();
    const { algorithm } = read.header;
    const saltEnd = read.length + saltLength;
    const headEnd = saltEnd + nonceLength;
    if (bytes.length < headEnd + tagLength) throw failure();
    const plain = open(
      algorithm,
      {
        key: hmac(key.derive(algorithm, options.purpose), bytes.subarray(read.length, saltEnd)),
        nonce: bytes.subarray(saltEnd, headEnd),
        associated: frame(bytes.subarray(0, headEnd), options.context),
      },
      bytes.subarray(headEnd),
    );
    if (!plain) throw failure();
    return plain;
  }

  /**
   * Encrypts a stream of any length in constant memory, in chunks of 64 KiB that can't be swapped, left out or cut off:
   * `await pipeline(createReadStream(a), encryption.encryptStream({ purpose: "backup" }), createWriteStream(b))`.
   */
  encryptStream(options: EncryptOptions): Transform {
    checkPurpose(options.purpose);
    const key = this.#keys.current(options.purpose, ["secret"]);
    const header: EncryptedHeader = {
      algorithm: this.#algorithm,
      keyId: key.id,
      expiresAtMs: expiryOf(options.expiresIn, this.#clock.now()),
    };
    return new EncryptingStream(
      header,
      key.derive(`${header.algorithm} stream`, options.purpose),
      options.context,
    );
  }

  /**
   * Decrypts what {@link EncryptionService.encryptStream} made. Every byte that comes out is authentic, but only the end
   * says that none is missing: when the stream fails with `ERR_SECURITY_DECRYPTION`, throw away what came before.
   */
  decryptStream(options: DecryptOptions): Transform {
    checkPurpose(options.purpose);
    return new DecryptingStream(options.context, (header) => {
      const key = this.#keys.find(header.keyId, options.purpose);
      if (key?.type !== "secret" || this.#isOver(header)) return undefined;
      return key.derive(`${header.algorithm} stream`, options.purpose);
    });
  }

  /** What stands in the clear: key, algorithm, expiry. Not authenticated; `undefined` when it is no encrypted value. */
  inspect(encrypted: string): EncryptedHeader | undefined {
    const bytes = decodeBase64url(encrypted);
    return bytes && readHeader("value", bytes)?.header;
  }

  /** Whether a value was made with another key or algorithm than a new one for this purpose would be. */
  needsReencrypt(encrypted: string, options: { readonly purpose: string }): boolean {
    const header = this.inspect(encrypted);
    return (
      header?.keyId !== this.#keys.current(options.purpose, ["secret"]).id ||
      header.algorithm !== this.#algorithm
    );
  }

  /**
   * The value encrypted anew with the newest key, for the same purpose and context, until the same time; the same text if
   * that would change nothing. Run it over what is stored before an old key is taken out.
   *
   * @throws DecryptionError `ERR_SECURITY_DECRYPTION`.
   */
  reencrypt(encrypted: string, options: DecryptOptions): string {
    const value = this.decrypt(encrypted, options);
    if (!this.needsReencrypt(encrypted, options)) return encrypted;
    return this.#encrypt(value, options, this.inspect(encrypted)?.expiresAtMs);
  }

  #encrypt(
    value: string | Uint8Array,
    { purpose, context }: DecryptOptions,
    expiresAtMs: number | undefined,
  ): string {
    checkPurpose(purpose);
    if (typeof value !== "string" && !ArrayBuffer.isView(value)) {
      throw new TypeError(`encrypt: value must be text or bytes, got ${typeof value}`);
    }
    const algorithm = this.#algorithm;
    const key = this.#keys.current(purpose, ["secret"]);
    const head = writeHead({ algorithm, keyId: key.id, expiresAtMs });
    const nonceAt = head.length - nonceLength;
    const sealed = seal(
      algorithm,
      {
        key: hmac(key.derive(algorithm, purpose), head.subarray(nonceAt - saltLength, nonceAt)),
        nonce: head.subarray(nonceAt),
        associated: frame(head, context),
      },
      typeof value === "string" ? Buffer.from(value) : value,
    );
    return encodeBase64url(Buffer.concat([head, sealed]));
  }

  #isOver({ expiresAtMs = Infinity }: EncryptedHeader): boolean {
    return expiresAtMs <= this.#clock.now();
  }
}

function failure(): InstanceType<typeof DecryptionError> {
  return new DecryptionError("it can't be decrypted");
}
