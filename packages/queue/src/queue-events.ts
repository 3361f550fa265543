interface ItemEvent<Item> {
  readonly item: Item;
  readonly key: string | undefined;
}

/** What happens in a queue. */
export type QueueEvent<Item> =
  /** Accepted: it waits for its turn. */
  | (ItemEvent<Item> & { readonly type: "added"; readonly priority: number })
  /** An attempt begins; `waitedMs` since the item was added. */
  | (ItemEvent<Item> & {
      readonly type: "started";
      readonly attempt: number;
      readonly waitedMs: number;
    })
  | (ItemEvent<Item> & { readonly type: "succeeded"; readonly attempt: number })
  /** An attempt failed, and there will be another. */
  | (ItemEvent<Item> & {
      readonly type: "retrying";
      readonly attempt: number;
      readonly error: unknown;
      readonly delayMs: number;
    })
  /** It failed for good, and is a dead letter. */
  | (ItemEvent<Item> & {
      readonly type: "failed";
      readonly attempt: number;
      readonly error: unknown;
    })
  /** `refused`: there was no room; `cancelled`: everybody who waited for it has left. */
  | (ItemEvent<Item> & { readonly type: "refused" | "dropped" | "cancelled" })
  /** A batch failed and is tried again in two halves. */
  | { readonly type: "split"; readonly items: number; readonly error: unknown }
  | { readonly type: "paused" | "resumed" | "idle" | "stopped" }
  /** The journal could not be told that items are done: it is told again, or they come again after a restart. */
  | { readonly type: "journal-error"; readonly error: unknown };

/** Tells those who want to know. */
export class QueueEvents<Item> {
  readonly #listeners = new Set<(event: QueueEvent<Item>) => void>();
  readonly #onThrow: (thrown: unknown) => void;

  /** Whether anybody listens: an event costs as much as a trivial operation. */
  wanted = false;

  constructor(onThrow: (thrown: unknown) => void) {
    this.#onThrow = onThrow;
  }

  subscribe(listener: (event: QueueEvent<Item>) => void): () => void {
    this.#listeners.add(listener);
    this.wanted = true;
    return () => {
      this.#listeners.delete(listener);
      this.wanted = this.#listeners.size > 0;
    };
  }

  emit(event: QueueEvent<Item>): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#onThrow(thrown);
      }
    }
  }
}
