/** Options of `Queue.add`. */
export interface QueueAddOptions {
  /** What belongs together: batched together, or never at once, as the queue was told. */
  readonly key?: string | undefined;
  /** The higher, the sooner. @default 0 */
  readonly priority?: number | undefined;
  /** Takes the item back while it waits; aborts its operation when nobody else waits for it. */
  readonly signal?: AbortSignal | undefined;
}

/** Operations of one process, collected and carried out in order, in batches or a few at a time. */
export interface Queue<Item, Result = void> {
  /** Resolves or rejects with the item's own outcome. Rejects at once when the queue is full and was told to. */
  add(item: Item, options?: QueueAddOptions): Promise<Result>;
  /** Items that wait. */
  readonly size: number;
  /** Items that are being worked on. */
  readonly running: number;
  /** Begins nothing more; what runs goes on. */
  pause(): void;
  resume(): void;
  /** Resolves when nothing waits or runs. */
  onIdle(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
