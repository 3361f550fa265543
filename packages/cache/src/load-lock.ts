import { randomUUID } from "node:crypto";

import type { Clock } from "@infra/interfaces";

import type { SharedStore } from "./shared-store.js";

/** How long a lock outlives a process that dies with it. */
const ttlMs = 5_000;

/** The right to load a key, which one process has at a time. Kept up until it is released. */
export class LoadLock {
  /** What was written under it. */
  written: string | undefined;
  readonly #store: SharedStore;
  readonly #key: string;
  readonly #token: string;
  readonly #clock: Clock;
  #cancelBeat: () => void = () => {};
  #released = false;

  private constructor(store: SharedStore, key: string, token: string, clock: Clock) {
    this.#store = store;
    this.#key = key;
    this.#token = token;
    this.#clock = clock;
    this.#beatLater();
  }

  /** Takes the lock; `undefined` when somebody has it. @throws CacheStoreError */
  static async take(store: SharedStore, key: string, clock: Clock): Promise<LoadLock | undefined> {
    const token = randomUUID();
    const taken = await store.lock(key, token, ttlMs);
    return taken ? new LoadLock(store, key, token, clock) : undefined;
  }

  /** Whether nobody has deleted or set the key, and no other process has taken over. @throws CacheStoreError */
  async held(): Promise<boolean> {
    return (await this.#store.ownerOf(this.#key)) === this.#token;
  }

  /**
   * Gives it up; whether it was held until now, and so what was written under it is good. A store that fails meanwhile is
   * told later.
   */
  async release(): Promise<boolean> {
    this.#released = true;
    this.#cancelBeat();
    try {
      if (!(await this.held())) return false;
      await this.#store.unlock(this.#key);
    } catch {
      // reported by the store, and the lock ends by itself
    }
    return true;
  }

  #beatLater(): void {
    this.#cancelBeat = this.#clock.setTimeout(() => void this.#beat(), ttlMs / 3, { unref: true });
  }

  async #beat(): Promise<void> {
    const held = await this.held().catch(() => true);
    if (!held || this.#released) return;
    await this.#store.prolong(this.#key, this.#token, ttlMs).catch(() => {});
    if (!this.#released) this.#beatLater();
  }
}
