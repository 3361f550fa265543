import { importPeer } from "@infra/errors";
import type { Clock, Logger } from "@infra/interfaces";

import { IdentityProviderError } from "./errors.js";

/** What {@link RemoteKeySet} stands on. */
export interface RemoteKeySetOptions {
  readonly url: URL;
  readonly refreshAfterMs: number;
  readonly maxStaleMs: number;
  readonly cooldownMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch | undefined;
}

/** Of a token's header, what finds its key; the key is as jose takes it. */
type Find = (header: { readonly alg?: string; readonly kid?: string }) => Promise<object>;

const limitBytes = 1_048_576;

/**
 * The keys that an issuer publishes. jose's own remote set throws its keys away after ten minutes: an outage of the issuer
 * then makes good tokens bad, and every token asks the issuer that is down once more. Here the last keys are used until
 * they are too old, the issuer is asked in the background, and left alone for a while when it failed. jose's local set does
 * the finding.
 */
export class RemoteKeySet {
  readonly #options: RemoteKeySetOptions;
  #keys: { readonly find: Find; readonly fetchedAt: number } | undefined;
  #triedAt = -Infinity;
  #failure: unknown;
  #loading: Promise<void> | undefined;

  constructor(options: RemoteKeySetOptions) {
    this.#options = options;
  }

  /** @throws what jose throws when there is no such key; IdentityProviderError when there are no keys. */
  async find(header: Parameters<Find>[0]): Promise<object> {
    const { clock, refreshAfterMs } = this.#options;
    if (!this.#usable()) await this.#load();
    const keys = this.#usable();
    if (!keys) {
      throw new IdentityProviderError("the issuer's keys can't be had", { cause: this.#failure });
    }
    const { errors } = await importPeer("jose", () => import("jose"), { for: "RemoteKeySet" });
    try {
      const found = await keys.find(header);
      // nobody waits for that
      if (clock.now() - keys.fetchedAt >= refreshAfterMs) void this.#load();
      return found;
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // a new one, perhaps: somebody who makes keys up must not make us ask more often than that
      await this.#load();
      const fresh = this.#usable();
      if (!fresh || fresh === keys) throw error;
      return await fresh.find(header);
    }
  }

  #usable(): { readonly find: Find; readonly fetchedAt: number } | undefined {
    const keys = this.#keys;
    const { clock, maxStaleMs } = this.#options;
    return keys && clock.now() - keys.fetchedAt < maxStaleMs ? keys : undefined;
  }

  /** Asks the issuer, one at a time, and not again within the cool-down. Never rejects. */
  async #load(): Promise<void> {
    const { clock, cooldownMs } = this.#options;
    if (!this.#loading) {
      if (clock.now() - this.#triedAt < cooldownMs) return;
      this.#triedAt = clock.now();
      this.#loading = this.#fetch().finally(() => {
        this.#loading = undefined;
      });
    }
    await this.#loading;
  }

  async #fetch(): Promise<void> {
    const { url, timeoutMs, clock, logger } = this.#options;
    try {
      const { createLocalJWKSet } = await importPeer("jose", () => import("jose"), {
        for: "RemoteKeySet",
      });
      const response = await (this.#options.fetch ?? fetch)(url, {
        headers: { accept: "application/jwk-set+json, application/json" },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 200) throw new Error(`it answered with ${response.status}`);
      const set = createLocalJWKSet(JSON.parse(await boundedText(response)) as never);
      this.#keys = {
        find: async (header) => await set(header),
        fetchedAt: clock.now(),
      };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      logger.warn("the keys of an issuer were not read", { error, url: url.href });
    }
  }
}

/** An answer that does not end is no set of keys. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > limitBytes) throw new Error(`it sent more than ${limitBytes} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}
