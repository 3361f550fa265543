/** Messages may have been missed. */
export interface Gap {
  /** The topic or pattern that was subscribed to. */
  readonly pattern: string;
  /** Why, for a person. */
  readonly reason: string;
}

/** What happens in a `PubSubService`. */
export type PubSubEvent =
  | { readonly type: "connected" }
  | { readonly type: "disconnected"; readonly error?: unknown }
  | ({ readonly type: "gap" } & Gap)
  | { readonly type: "dropped"; readonly topic: string; readonly pattern: string }
  | { readonly type: "listener-failed"; readonly topic: string; readonly error: unknown }
  | { readonly type: "invalid"; readonly topic: string; readonly error: unknown }
  | { readonly type: "publish-failed"; readonly topic: string; readonly error: unknown }
  | { readonly type: "read-failed"; readonly pattern: string; readonly error: unknown };

/** Who wants to know. A listener that throws changes nothing. */
export class PubSubEvents {
  readonly #listeners = new Set<(event: PubSubEvent) => void>();

  subscribe(listener: (event: PubSubEvent) => void): () => void {
    const own = (event: PubSubEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(event: PubSubEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        process.emitWarning(`a listener of PubSubService.onEvent threw: ${String(thrown)}`);
      }
    }
  }
}
