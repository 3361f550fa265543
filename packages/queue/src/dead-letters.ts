/** An item that failed for good. */
export interface DeadLetter<Item> {
  readonly item: Item;
  readonly key: string | undefined;
  readonly priority: number;
  /** Of the last attempt. One that was read from a journal is as much of an error as can be written down. */
  readonly error: unknown;
  /** Attempts made. */
  readonly attempts: number;
  /** When it failed, in milliseconds since the epoch. */
  readonly failedAt: number;
}

/** A dead letter, and where the journal has it. */
export interface KeptLetter<Item> {
  readonly letter: DeadLetter<Item>;
  readonly journalId: number | undefined;
}

/** The items that failed for good, so many of them. */
export class DeadLetters<Item> {
  readonly #kept = new Map<DeadLetter<Item>, KeptLetter<Item>>();
  readonly #most: number;
  readonly #onForgotten: (letter: KeptLetter<Item>) => void;

  constructor(most: number, onForgotten: (letter: KeptLetter<Item>) => void) {
    this.#most = most;
    this.#onForgotten = onForgotten;
  }

  get size(): number {
    return this.#kept.size;
  }

  list(): readonly DeadLetter<Item>[] {
    return [...this.#kept.keys()];
  }

  add(kept: KeptLetter<Item>): void {
    this.#kept.set(kept.letter, kept);
    if (this.#kept.size <= this.#most) return;
    const [oldest] = this.#kept.values();
    this.#kept.delete(oldest!.letter);
    this.#onForgotten(oldest!);
  }

  /** Takes out those that are wanted. */
  take(isWanted: (letter: DeadLetter<Item>) => boolean): KeptLetter<Item>[] {
    const taken = [...this.#kept.values()].filter(({ letter }) => isWanted(letter));
    for (const { letter } of taken) this.#kept.delete(letter);
    return taken;
  }
}
