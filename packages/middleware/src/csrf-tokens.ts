import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Makes and checks the tokens of the plugin csrf. */
export interface CsrfTokens {
  /** A new token; `binding` is who it is for. */
  create(binding: string): string;
  /** Whether it was made for the same. Never throws. */
  verify(token: string, binding: string): boolean;
}

/** Tokens signed with HMAC-SHA-256: nothing has to be stored. A new one each time, so that compression can't reveal it. */
export class HmacCsrfTokens implements CsrfTokens {
  readonly #secret: Buffer;

  /** @param secret at least 32 bytes; text is taken as UTF-8. */
  constructor(secret: string | Uint8Array) {
    this.#secret = typeof secret === "string" ? Buffer.from(secret) : Buffer.from(secret ?? []);
    if (this.#secret.length < 32) {
      throw new RangeError(`csrf: secret must have at least 32 bytes, got ${this.#secret.length}`);
    }
  }

  create(binding: string): string {
    const nonce = randomBytes(16).toString("base64url");
    return `${nonce}.${this.#sign(nonce, binding).toString("base64url")}`;
  }

  verify(token: string, binding: string): boolean {
    const [nonce, signature, ...rest] = token.split(".");
    if (!nonce || !signature || rest.length > 0) return false;
    const given = Buffer.from(signature, "base64url");
    const expected = this.#sign(nonce, binding);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(nonce: string, binding: string): Buffer {
    // the length says where one ends and the other begins
    return createHmac("sha256", this.#secret)
      .update(`csrf:${nonce.length}:${nonce}:${binding}`)
      .digest();
  }
}
