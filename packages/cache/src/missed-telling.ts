import type { Clock } from "@infra/interfaces";

import { MissedInvalidations } from "./missed-invalidations.js";
import type { Invalidated } from "./recent-invalidations.js";

const retryMs = 250;

/** Tells the store, and other processes, what they could not be told when it happened: goes on trying until they know. */
export class MissedTelling {
  readonly #missed = new MissedInvalidations();
  readonly #tell: (missed: Required<Invalidated>) => Promise<void>;
  readonly #clock: Clock;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(tell: (missed: Required<Invalidated>) => Promise<void>, clock: Clock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  /** How much is to be told. */
  get size(): number {
    return this.#missed.size;
  }

  /** Whether what the store says of a key is not to be believed. */
  has(key: string): boolean {
    return this.#missed.size > 0 && this.#missed.has(key);
  }

  hasTag(tag: string): boolean {
    return this.#missed.hasTag(tag);
  }

  add(invalidated: Invalidated): void {
    this.#missed.add(invalidated);
    this.#retryLater();
  }

  /** Tries for the last time. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    if (this.#missed.size > 0) await this.#retry();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#cancelRetry ??= this.#clock.setTimeout(() => void this.#retry(), retryMs, {
      unref: true,
    });
  }

  async #retry(): Promise<void> {
    await this.#missed.tell(this.#tell);
    this.#cancelRetry = undefined;
    if (this.#missed.size > 0) this.#retryLater();
  }
}
