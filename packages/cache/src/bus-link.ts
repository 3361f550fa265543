import { randomUUID } from "node:crypto";

import type { Clock, Invalidation, InvalidationBus, Logger } from "@infra/interfaces";

import { Guard } from "./guard.js";
import type { Invalidated } from "./recent-invalidations.js";

/** Options of {@link BusLink}. */
export interface BusLinkOptions {
  readonly bus: InvalidationBus;
  readonly timeoutMs: number;
  readonly retryAfterMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onInvalidation: (invalidated: Invalidated) => void;
  /** Something may have been missed. */
  readonly onGap: () => void;
  readonly onError: (error: unknown) => void;
}

const resubscribeMs = 1_000;

/** This process's end of the bus: listens to the others, and tells them what to forget. */
export class BusLink {
  readonly #options: BusLinkOptions;
  readonly #origin = randomUUID();
  readonly #guard: Guard;
  #unsubscribe: (() => Promise<void>) | undefined;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  constructor(options: BusLinkOptions) {
    const { timeoutMs, retryAfterMs, clock, onError } = options;
    this.#options = options;
    this.#guard = new Guard({
      name: "the invalidation bus",
      timeoutMs,
      retryAfterMs,
      clock,
      onError,
      onChange: () => {},
    });
  }

  /** Listens; goes on trying when that fails. Never rejects. */
  async open(): Promise<void> {
    const { bus, clock, logger, onInvalidation, onGap, onError } = this.#options;
    try {
      const unsubscribe = await bus.subscribe(({ origin, ...invalidated }: Invalidation) => {
        if (origin !== this.#origin) onInvalidation(invalidated);
      }, onGap);
      if (this.#closed) return await unsubscribe();
      this.#unsubscribe = unsubscribe;
      // nobody listened until now
      onGap();
    } catch (error) {
      onError(error);
      logger.warn("the cache can't listen to the invalidation bus", { error });
      if (this.#closed) return;
      this.#cancelRetry = clock.setTimeout(() => void this.open(), resubscribeMs, { unref: true });
    }
  }

  /** @throws CacheStoreError when the bus does not take it. */
  async publish(invalidated: Invalidated, signal?: AbortSignal): Promise<void> {
    const invalidation = { origin: this.#origin, ...invalidated };
    await this.#guard.run(
      "publish",
      () => this.#options.bus.publish(invalidation, { signal }),
      signal,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
