import { createHash } from "node:crypto";

import { UnavailableError } from "@infra/errors";
import { toMilliseconds, type Duration } from "@infra/interfaces";

import type { PwnedPasswords } from "../pwned-passwords.js";

/** Options of {@link PwnedPasswordsApi}. */
export interface PwnedPasswordsApiOptions {
  /** Where the ranges are: the service itself, or a copy of one's own. @default "https://api.pwnedpasswords.com/range/" */
  readonly url?: string | undefined;
  /** How long an answer may take. @default "2s" */
  readonly timeout?: Duration | undefined;
}

/**
 * The passwords of Have I Been Pwned, over its range API: it is told the first 5 of the 40 digits of the password's SHA-1,
 * and answers with all that begin so, padded so that the length of the answer says nothing.
 */
export class PwnedPasswordsApi implements PwnedPasswords {
  readonly #url: string;
  readonly #timeoutMs: number;

  constructor(options: PwnedPasswordsApiOptions = {}) {
    const url = options.url ?? "https://api.pwnedpasswords.com/range/";
    // else its last part would be replaced
    this.#url = url.endsWith("/") ? url : `${url}/`;
    this.#timeoutMs = toMilliseconds(options.timeout ?? "2s", "PwnedPasswordsApi: timeout");
  }

  /** @throws UnavailableError `ERR_UNAVAILABLE` when the service does not answer; the signal's reason. */
  async count(
    password: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<number> {
    const digest = createHash("sha1").update(password).digest("hex").toUpperCase();
    const text = await this.#range(digest.slice(0, 5), signal);
    const line = text.split(/\r?\n/).find((each) => each.startsWith(`${digest.slice(5)}:`));
    return line === undefined ? 0 : Number(line.slice(36)) || 0;
  }

  async #range(prefix: string, signal: AbortSignal | undefined): Promise<string> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(new URL(prefix, this.#url), {
        headers: { "add-padding": "true" },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw new UnavailableError("the list of pwned passwords can't be reached", { cause: error });
    }
  }
}
