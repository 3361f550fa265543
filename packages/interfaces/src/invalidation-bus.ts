/** What other processes should forget. */
export interface Invalidation {
  /** Who says so: the process's own id, so that it need not listen to itself. */
  readonly origin: string;
  /** Keys, with their namespace. */
  readonly keys?: readonly string[];
  /** Every key with one of these prefixes. */
  readonly prefixes?: readonly string[];
  readonly tags?: readonly string[];
}

/**
 * Tells other processes what to drop from their memory. At most once: who was not connected hears nothing, so a bus calls
 * `onGap` when it may have missed something, and its listener forgets everything.
 */
export interface InvalidationBus {
  publish(
    invalidation: Invalidation,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** Listens until what it returns is called. A listener that throws disturbs no other. */
  subscribe(
    listener: (invalidation: Invalidation) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>>;
}
