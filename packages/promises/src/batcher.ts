import { isError } from "@infra/errors";
import { systemClock, toBytes, toMilliseconds } from "@infra/interfaces";
import type { ByteSize, Clock, Duration } from "@infra/interfaces";

import { abortable } from "./abortable.js";
import { deferred, type Deferred } from "./deferred.js";
import { linkSignals } from "./link-signals.js";
import { wholeNumber } from "./whole-number.js";
import type { WaitOptions, WorkContext } from "./work.js";

/** Options of {@link Batcher}. */
export interface BatcherOptions<T> {
  /** Items per batch at the most. @default 100 */
  readonly maxItems?: number;
  /** How long the first item of a batch waits for others; 0 for the rest of this turn of the event loop. @default 0 */
  readonly maxWait?: Duration;
  /** Bytes per batch at the most, by `sizeOf`. @default Infinity */
  readonly maxBytes?: ByteSize;
  /** The bytes of an item. @default 0 */
  readonly sizeOf?: (item: T) => number;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Handles a batch: one result or error per item, in their order. */
export type BatchHandler<T, R> = (
  items: readonly T[],
  context: WorkContext,
) => readonly (R | Error)[] | PromiseLike<readonly (R | Error)[]>;

interface Entry<T, R> {
  readonly item: T;
  readonly result: Deferred<R>;
}

/**
 * Gathers single calls into batches: each caller waits for the result of its own item. A batch goes out when it is full,
 * by count or bytes, or when its first item has waited long enough. It is aborted when every caller in it has left.
 */
export class Batcher<T, R> {
  readonly #handle: BatchHandler<T, R>;
  readonly #maxItems: number;
  readonly #maxWaitMs: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (item: T) => number;
  readonly #clock: Clock;
  #batch: Batch<T, R> | undefined;

  /** @throws RangeError when an option is out of range. */
  constructor(handle: BatchHandler<T, R>, options: BatcherOptions<T> = {}) {
    this.#handle = handle;
    this.#maxItems = wholeNumber(options.maxItems ?? 100, "Batcher: maxItems");
    this.#maxWaitMs = toMilliseconds(options.maxWait ?? 0, "Batcher: maxWait");
    this.#maxBytes = toBytes(options.maxBytes ?? Infinity, "Batcher: maxBytes");
    this.#sizeOf = options.sizeOf ?? (() => 0);
    this.#clock = options.clock ?? systemClock;
  }

  /** How many items wait for their batch to go out. */
  get waiting(): number {
    return this.#batch?.entries.length ?? 0;
  }

  /**
   * Adds an item to the batch, and waits for its result.
   *
   * @throws the item's own error, or that of the batch; the signal's reason when it aborts.
   */
  async add(item: T, options: WaitOptions = {}): Promise<R> {
    options.signal?.throwIfAborted();
    const bytes = this.#sizeOf(item);
    if (this.#batch && this.#batch.bytes + bytes > this.#maxBytes) this.flush();
    const batch = (this.#batch ??= this.#begin());
    const entry: Entry<T, R> = { item, result: deferred<R>() };
    batch.entries.push(entry);
    batch.bytes += bytes;
    batch.callers++;
    if (batch.entries.length >= this.#maxItems || batch.bytes >= this.#maxBytes) this.flush();
    try {
      return await abortable(entry.result.promise, options);
    } finally {
      batch.callers--;
      if (options.signal?.aborted) this.#leave(batch, entry, options.signal.reason);
    }
  }

  /** Sends out what waits, without waiting for it. */
  flush(): void {
    const batch = this.#batch;
    if (!batch) return;
    this.#batch = undefined;
    batch.stopTimer();
    batch.sent = true;
    void this.#send(batch);
  }

  #begin(): Batch<T, R> {
    const stopTimer = this.#clock.setTimeout(() => this.flush(), this.#maxWaitMs);
    return { entries: [], bytes: 0, callers: 0, sent: false, link: linkSignals(), stopTimer };
  }

  async #send({ entries, link }: Batch<T, R>): Promise<void> {
    try {
      const results = await this.#handle(
        entries.map(({ item }) => item),
        link,
      );
      if (results.length !== entries.length) {
        throw new TypeError(
          `Batcher: the handler must return one result per item: got ${results.length} for ${entries.length}`,
        );
      }
      for (const [at, { result }] of entries.entries()) {
        const outcome = results[at] as R | Error;
        if (isError(outcome)) result.reject(outcome);
        else result.resolve(outcome);
      }
    } catch (error) {
      for (const { result } of entries) result.reject(error);
    }
  }

  #leave(batch: Batch<T, R>, entry: Entry<T, R>, reason: unknown): void {
    if (batch.sent) {
      if (batch.callers === 0) batch.link.abort(reason);
      return;
    }
    batch.entries.splice(batch.entries.indexOf(entry), 1);
    batch.bytes -= this.#sizeOf(entry.item);
    if (batch.entries.length > 0) return;
    batch.stopTimer();
    this.#batch = undefined;
  }
}

interface Batch<T, R> {
  readonly entries: Entry<T, R>[];
  bytes: number;
  /** Who still waits. */
  callers: number;
  sent: boolean;
  readonly link: ReturnType<typeof linkSignals>;
  readonly stopTimer: () => void;
}
