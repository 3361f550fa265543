import type { Invalidation, InvalidationBus } from "@infra/interfaces";

/** An `InvalidationBus` between services of one process, which a test can cut. Messages arrive before `publish` resolves. */
export class MemoryInvalidationBus implements InvalidationBus {
  readonly #listeners = new Set<{
    readonly listener: (invalidation: Invalidation) => void;
    readonly onGap: (() => void) | undefined;
  }>();
  #cut = false;

  async publish(
    invalidation: Invalidation,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    if (this.#cut) throw new Error("MemoryInvalidationBus: cut");
    for (const { listener } of this.#listeners) {
      try {
        // as a message that was sent arrives: a copy
        listener(JSON.parse(JSON.stringify(invalidation)) as Invalidation);
      } catch (thrown) {
        process.emitWarning(String(thrown));
      }
    }
  }

  async subscribe(
    listener: (invalidation: Invalidation) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>> {
    const entry = { listener, onGap };
    this.#listeners.add(entry);
    return async () => void this.#listeners.delete(entry);
  }

  /** From now on nothing can be published. */
  cut(): void {
    this.#cut = true;
  }

  /** Publishing works again, and the listeners are told that they may have missed something. */
  mend(): void {
    this.#cut = false;
    for (const { onGap } of this.#listeners) onGap?.();
  }
}
