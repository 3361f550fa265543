import type { TokenClaims } from "@infra/interfaces";

import type { RingKey } from "./ring-key.js";

/** A token whose signature was found right. What may change since then is not in here. */
export interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly key: RingKey;
}

/** Remembers verified tokens by their text, up to so many: the one that was used longest ago goes first. */
export class TokenCache {
  readonly #tokens = new Map<string, VerifiedToken>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#tokens.size;
  }

  get(token: string): VerifiedToken | undefined {
    const found = this.#tokens.get(token);
    // in what order they were used matters only once one has to go; moving costs more than finding
    if (found && this.#tokens.size === this.#size) this.#touch(token, found);
    return found;
  }

  set(token: string, verified: VerifiedToken): void {
    freeze(verified.claims);
    this.#touch(token, verified);
    if (this.#tokens.size > this.#size) this.#tokens.delete(this.#tokens.keys().next().value!);
  }

  delete(token: string): void {
    this.#tokens.delete(token);
  }

  #touch(token: string, verified: VerifiedToken): void {
    this.#tokens.delete(token);
    this.#tokens.set(token, verified);
  }
}

/** All who ask get the same object. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
