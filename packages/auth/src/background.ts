/** Work that an answer does not wait for, bounded, and awaited at the end. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #max: number;
  readonly #onFull: () => Error;

  constructor(max: number, onFull: () => Error) {
    this.#max = max;
    this.#onFull = onFull;
  }

  get size(): number {
    return this.#running.size;
  }

  /** @throws what `onFull` makes when no more may wait. */
  checkRoom(): void {
    if (this.#running.size >= this.#max) throw this.#onFull();
  }

  /** Begins it in a later turn, so that how long it takes can't be seen from outside. `work` handles its own failures. */
  run(work: () => Promise<void>): void {
    this.checkRoom();
    const running = new Promise<void>((resolve) => {
      setImmediate(() => void work().finally(resolve));
    }).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing runs, or when the signal is aborted. */
  async idle(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    const over = new Promise<"over">((resolve) => {
      signal?.addEventListener("abort", () => resolve("over"), { once: true });
    });
    while (this.#running.size > 0) {
      const first = await Promise.race([Promise.allSettled(this.#running), over]);
      if (first === "over") return;
    }
  }
}
