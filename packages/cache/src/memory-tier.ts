import { LRUCache } from "lru-cache";

import type { CopyPlan } from "./snapshot.js";
import type { Times } from "./stored-entry.js";

/** A value as memory keeps it. */
export interface MemoryEntry extends Times {
  /** Never handed out: copies are, as `plan` says. */
  readonly value: unknown;
  readonly plan: CopyPlan;
  readonly bytes: number;
  readonly tags: readonly string[] | undefined;
}

/** Bounds of {@link MemoryTier}. */
export interface MemoryTierOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Called with the key of what was dropped for want of room. */
  readonly onEvict: (key: string) => void;
}

/** What one process remembers: the least recently used goes first when there is no room. */
export class MemoryTier {
  readonly #entries: LRUCache<string, MemoryEntry>;
  readonly #keysByTag = new Map<string, Set<string>>();

  constructor({ maxEntries, maxBytes, onEvict }: MemoryTierOptions) {
    this.#entries = new LRUCache({
      max: maxEntries,
      ...(maxBytes !== Infinity && { maxSize: maxBytes }),
      sizeCalculation: ({ bytes }, key) => bytes + 2 * key.length + 64,
      dispose: (entry, key, reason) => {
        for (const tag of entry.tags ?? []) this.#unlink(tag, key);
        if (reason === "evict") onEvict(key);
      },
      noDisposeOnSet: false,
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get(key: string): MemoryEntry | undefined {
    return this.#entries.get(key);
  }

  /** Without making it the most recently used. */
  peek(key: string): MemoryEntry | undefined {
    return this.#entries.peek(key);
  }

  /** Keeps an entry; one that is larger than all the room there is, is not kept. */
  set(key: string, entry: MemoryEntry): void {
    this.#entries.set(key, entry);
    if (entry.tags === undefined || !this.#entries.has(key)) return;
    for (const tag of entry.tags) {
      const keys = this.#keysByTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysByTag.set(tag, new Set([key]));
    }
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  deleteTag(tag: string): void {
    for (const key of this.#keysByTag.get(tag) ?? []) this.#entries.delete(key);
  }

  clear(prefix: string): void {
    if (prefix === "") this.#entries.clear();
    else for (const key of this.keys(prefix)) this.#entries.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix));
  }

  /** Drops what may not even be served stale any more; how many there were. */
  prune(nowMs: number): number {
    const gone = this.keys("").filter((key) => this.#entries.peek(key)!.staleUntil <= nowMs);
    for (const key of gone) this.#entries.delete(key);
    return gone.length;
  }

  #unlink(tag: string, key: string): void {
    const keys = this.#keysByTag.get(tag);
    if (keys?.delete(key) && keys.size === 0) this.#keysByTag.delete(tag);
  }
}
