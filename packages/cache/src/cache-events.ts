import type { Invalidated } from "./recent-invalidations.js";

/** Which value an event is about. */
interface KeyEvent {
  /** Names of namespaces, joined by slashes; empty for the outermost. */
  readonly namespace: string;
  readonly key: string;
}

/** What happens in a cache. */
export type CacheEvent =
  | (KeyEvent & { readonly type: "hit"; readonly tier: "memory" | "store" })
  | (KeyEvent & { readonly type: "miss" | "set" | "delete" | "evict" })
  /** A stale value was served: why. */
  | (KeyEvent & {
      readonly type: "stale";
      readonly reason: "load-failed" | "soft-timeout" | "locked" | "backing-off";
    })
  | (KeyEvent & { readonly type: "load"; readonly elapsedMs: number })
  | (KeyEvent & { readonly type: "load-failed"; readonly error: unknown })
  | { readonly type: "clear"; readonly namespace: string }
  | { readonly type: "invalidate-tags"; readonly tags: readonly string[] }
  /** Another process said so. */
  | ({ readonly type: "remote-invalidation" } & Invalidated)
  /** Messages of other processes may have been missed: memory was emptied. */
  | { readonly type: "bus-gap" }
  | { readonly type: "store-error"; readonly error: unknown }
  /** `open`: the store is left alone for a while; `closed`: it is used. */
  | { readonly type: "store-state"; readonly state: "closed" | "open" | "half-open" };

/** Tells those who want to know. */
export class CacheEvents {
  readonly #listeners = new Set<(event: CacheEvent) => void>();

  /** Whether anybody listens: an event costs more than a hit, and even this question is to cost nothing. */
  wanted = false;

  subscribe(listener: (event: CacheEvent) => void): () => void {
    this.#listeners.add(listener);
    this.wanted = true;
    return () => {
      this.#listeners.delete(listener);
      this.wanted = this.#listeners.size > 0;
    };
  }

  emit(event: CacheEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        process.emitWarning(`a listener of a cache threw: ${String(thrown)}`);
      }
    }
  }
}
