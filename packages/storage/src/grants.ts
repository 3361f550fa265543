import { createHmac, timingSafeEqual } from "node:crypto";

import type { Clock } from "@infra/interfaces";

import { SignatureError } from "./errors.js";

/** What the holder of a signed URL or form may do. */
export interface Grant {
  readonly operation: "read" | "write" | "form";
  readonly fileId: string;
  readonly provider: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly contentType?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly maxBytes?: number | undefined;
}

/** Makes grants that can't be forged, and reads them: the grant as JSON, and its HMAC-SHA-256. */
export class Grants {
  readonly #key: string;
  readonly #publicUrl: URL;
  readonly #clock: Clock;

  constructor(key: string, publicUrl: URL, clock: Clock) {
    this.#key = key;
    this.#publicUrl = publicUrl;
    this.#clock = clock;
  }

  /** Where a file is served. */
  urlOf(fileId: string): URL {
    const url = new URL(this.#publicUrl);
    const key = fileId.split("/").map(encodeURIComponent).join("/");
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${key}`;
    return url;
  }

  sign(grant: Grant): string {
    const payload = Buffer.from(JSON.stringify(grant)).toString("base64url");
    return `${payload}.${this.#mac(payload).toString("base64url")}`;
  }

  /**
   * What a token grants.
   *
   * @throws SignatureError (`ERR_STORAGE_SIGNATURE`) when it is forged, expired, for another operation or another path.
   */
  verify(token: string | undefined, operation: Grant["operation"], pathname: string): Grant {
    const [payload = "", mac = "", ...more] = (token ?? "").split(".");
    const given = Buffer.from(mac, "base64url");
    const expected = this.#mac(payload);
    if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refused("its signature is missing or wrong");
    }
    const grant = JSON.parse(Buffer.from(payload, "base64url").toString()) as Grant;
    if (grant.expiresAt <= this.#clock.now()) throw refused("it has expired");
    if (grant.operation !== operation) throw refused("it is for something else");
    if (this.urlOf(grant.fileId).pathname !== pathname) throw refused("it is for another file");
    return grant;
  }

  #mac(payload: string): Buffer {
    return createHmac("sha256", this.#key).update(`infra.storage.grant.v1\n${payload}`).digest();
  }
}

function refused(why: string): Error {
  return new SignatureError(`the signed URL or form can't be used: ${why}`, {
    publicMessage: `The link can't be used: ${why}.`,
  });
}
