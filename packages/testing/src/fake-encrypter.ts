import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

import {
  systemClock,
  toMilliseconds,
  type Clock,
  type DecryptOptions,
  type Encrypter,
  type EncryptOptions,
} from "@infra/interfaces";

/** An encrypter with a key of its own, for tests: nothing that it made decrypts in another process. */
export class FakeEncrypter implements Encrypter {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  encrypt(value: string | Uint8Array, options: EncryptOptions): string {
    const { expiresIn } = options;
    const until = expiresIn === undefined ? 0 : this.#clock.now() + toMilliseconds(expiresIn);
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    cipher.setAAD(bound(options, until));
    const body = Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    return `${until}.${Buffer.concat([nonce, body]).toString("base64url")}`;
  }

  decrypt(encrypted: string, options: DecryptOptions): Uint8Array {
    const [until = "", text = ""] = encrypted.split(".");
    const bytes = Buffer.from(text, "base64url");
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
      decipher.setAAD(bound(options, Number(until)));
      decipher.setAuthTag(bytes.subarray(-16));
      const value = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
      if (until === "0" || Number(until) > this.#clock.now()) return value;
    } catch {
      // the same error for all
    }
    throw new Error("FakeEncrypter: this can't be decrypted");
  }
}

function bound({ purpose, context = "" }: DecryptOptions, until: number): Buffer {
  return Buffer.from(JSON.stringify([purpose, context, until]));
}
