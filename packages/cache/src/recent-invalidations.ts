/** What is no longer good: keys with their namespace, all keys with a prefix, all values with a tag. */
export interface Invalidated {
  readonly keys?: readonly string[];
  readonly prefixes?: readonly string[];
  readonly tags?: readonly string[];
}

/** A reading that is under way; see {@link RecentInvalidations.begin}. */
export interface Ticket {
  readonly at: number;
}

const mostNotes = 10_000;

/**
 * Keeps a value that was read or loaded before it was invalidated from being stored after. Notes are taken only
 * while somebody reads.
 */
export class RecentInvalidations {
  #now = 0;
  /** Nothing that was read before this is good, whatever its key. */
  #floor = 0;
  #open = 0;
  readonly #keys = new Map<string, number>();
  readonly #tags = new Map<string, number>();
  readonly #prefixes = new Map<string, number>();

  /** Call it before reading. Every ticket must be given back with `end`. */
  begin(): Ticket {
    this.#open++;
    return { at: this.#now };
  }

  end(): void {
    this.#open--;
    if (this.#open === 0) this.#forget();
  }

  note({ keys = [], prefixes = [], tags = [] }: Invalidated): void {
    if (this.#open === 0) return;
    this.#now++;
    for (const key of keys) this.#keys.set(key, this.#now);
    for (const prefix of prefixes) this.#prefixes.set(prefix, this.#now);
    for (const tag of tags) this.#tags.set(tag, this.#now);
    if (this.#keys.size + this.#tags.size + this.#prefixes.size > mostNotes) {
      this.#floor = this.#now;
      this.#forget();
    }
  }

  /** Whether what was read since the ticket is still good. */
  allows({ at }: Ticket, key: string, tags: readonly string[] = []): boolean {
    if (at < this.#floor || (this.#keys.get(key) ?? 0) > at) return false;
    for (const [prefix, since] of this.#prefixes) {
      if (since > at && key.startsWith(prefix)) return false;
    }
    return tags.every((tag) => (this.#tags.get(tag) ?? 0) <= at);
  }

  #forget(): void {
    this.#keys.clear();
    this.#tags.clear();
    this.#prefixes.clear();
  }
}
