import type { Invalidated } from "./recent-invalidations.js";

const mostMissed = 10_000;

/** What is known to be wrong in a store that could not be told. */
class Batch {
  readonly keys = new Set<string>();
  readonly tags = new Set<string>();
  readonly prefixes = new Set<string>();

  add({ keys = [], tags = [], prefixes = [] }: Invalidated): void {
    for (const key of keys) this.keys.add(key);
    for (const tag of tags) this.tags.add(tag);
    for (const prefix of prefixes) this.prefixes.add(prefix);
    if (this.size > mostMissed) {
      this.keys.clear();
      this.tags.clear();
      this.prefixes.clear();
      this.prefixes.add("");
    }
  }

  get size(): number {
    return this.keys.size + this.tags.size + this.prefixes.size;
  }

  has(key: string): boolean {
    if (this.size === 0) return false;
    if (this.keys.has(key)) return true;
    for (const prefix of this.prefixes) if (key.startsWith(prefix)) return true;
    return false;
  }
}

/**
 * Remembers writes that did not reach the store, so that what it had before is not taken for good when it is back. Bounded:
 * beyond 10,000 of them all of the store counts as wrong.
 */
export class MissedInvalidations {
  #missed = new Batch();
  /** What is just being told. */
  #telling: Batch | undefined;

  get size(): number {
    return this.#missed.size + (this.#telling?.size ?? 0);
  }

  add(invalidated: Invalidated): void {
    this.#missed.add(invalidated);
  }

  /** Whether what the store says of a key is not to be believed. */
  has(key: string): boolean {
    return this.#missed.has(key) || this.#telling?.has(key) === true;
  }

  hasTag(tag: string): boolean {
    return this.#missed.tags.has(tag) || this.#telling?.tags.has(tag) === true;
  }

  /** Hands all of it to `tell`; what that fails to tell stays. Whether it succeeded. */
  async tell(tell: (missed: Required<Invalidated>) => Promise<void>): Promise<boolean> {
    if (this.#telling) return false;
    const telling = this.#missed;
    this.#telling = telling;
    this.#missed = new Batch();
    const missed = {
      keys: [...telling.keys],
      tags: [...telling.tags],
      prefixes: [...telling.prefixes],
    };
    try {
      await tell(missed);
      return true;
    } catch {
      this.#missed.add(missed);
      return false;
    } finally {
      this.#telling = undefined;
    }
  }
}
