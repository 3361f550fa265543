import { randomBytes } from "node:crypto";

import { Secret, systemClock, type Clock } from "@infra/interfaces";

import { decodeBase32, encodeBase32 } from "./base32.js";
import { checkedCost } from "./checked-cost.js";
import { constantTimeEqual } from "./constant-time-equal.js";
import { hmac } from "./mac.js";

/** Options of {@link Totp}. What differs from the defaults, not every authenticator app understands. */
export interface TotpOptions {
  /** Who it is for, shown in the app. */
  readonly issuer: string;
  /** @default 6 */
  readonly digits?: number | undefined;
  /** Seconds for which a code is shown. @default 30 */
  readonly period?: number | undefined;
  /** @default "sha1" */
  readonly algorithm?: "sha1" | "sha256" | "sha512" | undefined;
  /** How many codes before and after the one shown now are taken, for clocks differ. @default 1 */
  readonly window?: number | undefined;
}

/** Collaborators of {@link Totp}. */
export interface TotpDependencies {
  readonly clock?: Clock | undefined;
}

/** One-time codes of authenticator apps (TOTP, RFC 6238). Count the attempts: a code is one of a million. */
export class Totp {
  readonly #issuer: string;
  readonly #digits: number;
  readonly #period: number;
  readonly #algorithm: "sha1" | "sha256" | "sha512";
  readonly #window: number;
  readonly #clock: Clock;

  /** @throws RangeError when a number is out of range, TypeError without an issuer. */
  constructor(options: TotpOptions, deps: TotpDependencies = {}) {
    if (!options.issuer) throw new TypeError("Totp: issuer must be a non-empty string");
    this.#issuer = options.issuer;
    this.#digits = checkedCost("Totp: digits", options.digits ?? 6, 6, 8);
    this.#period = checkedCost("Totp: period", options.period ?? 30, 15, 300);
    this.#window = checkedCost("Totp: window", options.window ?? 1, 0, 10);
    this.#algorithm = options.algorithm ?? "sha1";
    this.#clock = deps.clock ?? systemClock;
  }

  /** A new secret in base32, 160 bits. Encrypt it before it is stored: whoever reads it has the second factor. */
  generateSecret(): string {
    return encodeBase32(randomBytes(20));
  }

  /** What the QR code for the app says: `otpauth://totp/…`. It holds the secret. */
  uri(secret: string | Secret, account: string): string {
    const label = `${encodeURIComponent(this.#issuer)}:${encodeURIComponent(account)}`;
    const parameters = [
      `secret=${encodeBase32(secretBytes(secret))}`,
      `issuer=${encodeURIComponent(this.#issuer)}`,
      `algorithm=${this.#algorithm.toUpperCase()}`,
      `digits=${this.#digits}`,
      `period=${this.#period}`,
    ];
    return `otpauth://totp/${label}?${parameters.join("&")}`;
  }

  /** The code that an app shows now, for tests. */
  code(secret: string | Secret): string {
    return hotp(secretBytes(secret), this.#step(), this.#digits, this.#algorithm);
  }

  /**
   * The step of the code if it is right, `undefined` if not. Store the step and hand it over the next time as `after`: a
   * code must not be taken twice (RFC 6238, section 5.2).
   */
  verify(
    secret: string | Secret,
    code: string,
    { after = -1 }: { readonly after?: number | undefined } = {},
  ): number | undefined {
    const bytes = secretBytes(secret);
    const given = code.replace(/\s/g, "");
    const now = this.#step();
    let found: number | undefined;
    // all of them, so that the time does not say which one it was
    for (let step = now - this.#window; step <= now + this.#window; step += 1) {
      const expected = step < 0 ? "" : hotp(bytes, step, this.#digits, this.#algorithm);
      const isRight = constantTimeEqual(given, expected) && expected !== "";
      if (isRight && step > after) found ??= step;
    }
    return found;
  }

  #step(): number {
    return Math.floor(this.#clock.now() / 1000 / this.#period);
  }
}

/**
 * A counter-based one-time code (HOTP, RFC 4226).
 *
 * @param digits 6 to 8. Default: 6.
 */
export function hotp(
  secret: Uint8Array,
  counter: number,
  digits = 6,
  algorithm: "sha1" | "sha256" | "sha512" = "sha1",
): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = hmac(secret, moving, algorithm);
  const offset = mac.at(-1)! & 15;
  const truncated = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}

function secretBytes(secret: string | Secret): Buffer {
  const bytes = decodeBase32(Secret.reveal(secret));
  if (bytes && bytes.length >= 10) return bytes;
  throw new TypeError("Totp: secret must be base32 of at least 10 bytes");
}
