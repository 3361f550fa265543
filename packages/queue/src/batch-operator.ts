import { isError } from "@infra/errors";
import { toBytes, toMilliseconds } from "@infra/interfaces";
import { withTimeout } from "@infra/promises";

import type { BatchQueueOptions } from "./batch-queue.js";
import { Batch, type BatchContext } from "./batch.js";
import type { Lane } from "./lane.js";
import { wholeNumber } from "./numbers.js";
import type { Operator, QueueCore } from "./queue-core.js";
import { timedOut } from "./timed-out.js";

/** What a batch comes to: nothing counts as success of every item, where items have no result. */
export type BatchResults<Result> =
  | readonly (Result | Error)[]
  | (undefined extends Result ? void : never);

/** Carries out a batch. */
export type BatchHandler<Item, Result> = (
  items: readonly Item[],
  context: BatchContext,
) => BatchResults<Result> | PromiseLike<BatchResults<Result>>;

/** The options of batches with every default filled in. */
export interface ResolvedBatchOptions<Item> {
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly sizeOf: ((item: Item) => number) | undefined;
  readonly maxWaitMs: number;
  readonly byKey: boolean;
  readonly mayBisect: (error: unknown) => boolean;
}

/** @throws RangeError or TypeError naming the option. */
export function resolveBatchOptions<Item, Result>(
  options: BatchQueueOptions<Item, Result>,
): ResolvedBatchOptions<Item> {
  const { byKey = false, bisect = isNotTransient, keyConcurrency, fairness } = options;
  if (!byKey && (keyConcurrency !== undefined || fairness !== undefined)) {
    throw new TypeError(
      "BatchQueue: keyConcurrency and fairness are between keys, so byKey must be true, got false",
    );
  }
  return {
    maxItems: wholeNumber(options.maxItems ?? 100, "BatchQueue: maxItems", 1),
    maxBytes: toBytes(options.maxBytes ?? Infinity, "BatchQueue: maxBytes"),
    sizeOf: options.sizeOf,
    maxWaitMs: toMilliseconds(options.maxWait ?? 0, "BatchQueue: maxWait"),
    byKey,
    mayBisect: typeof bisect === "function" ? bisect : () => bisect,
  };
}

/** Carries out batches. */
export class BatchOperator<Item, Result> implements Operator<Item, Result, Batch<Item, Result>> {
  readonly isByKey: boolean;
  readonly bytesOf: ((item: Item) => number) | undefined;
  readonly #core: QueueCore<Item, Result>;
  readonly #options: ResolvedBatchOptions<Item>;
  readonly #handle: BatchHandler<Item, Result>;

  constructor(
    core: QueueCore<Item, Result>,
    handle: BatchHandler<Item, Result>,
    options: ResolvedBatchOptions<Item>,
  ) {
    this.isByKey = options.byKey;
    this.bytesOf = options.sizeOf;
    this.#core = core;
    this.#options = options;
    const { timeoutMs, name } = core.options;
    this.#handle =
      timeoutMs === Infinity
        ? handle
        : (items, context) =>
            withTimeout(({ signal }) => handle(items, within(context, signal)), {
              timeout: timeoutMs,
              signal: context.signal,
              clock: core.clock,
              error: timedOut(`a batch of the ${name}`),
            });
  }

  isReady(lane: Lane<Item, Result>): boolean {
    const { maxItems, maxBytes } = this.#options;
    return lane.due > 0 || lane.size >= maxItems || lane.bytes >= maxBytes || this.#core.isClosed;
  }

  arrived(lane: Lane<Item, Result>): void {
    if (!lane.stopTimer && !this.isReady(lane)) this.#waitForMore(lane, this.#options.maxWaitMs);
  }

  flush(key?: string): void {
    const { backlog, dispatcher } = this.#core;
    const lane = key === undefined ? undefined : backlog.laneOf(key);
    for (const each of key === undefined ? [...backlog.lanes()] : lane ? [lane] : []) {
      each.due = each.size;
      backlog.refresh(each);
    }
    dispatcher.pump();
  }

  hasNext(): boolean {
    return this.#core.backlog.next !== undefined;
  }

  take(): Batch<Item, Result> | undefined {
    const core = this.#core;
    const { maxItems, maxBytes } = this.#options;
    const lane = core.backlog.next;
    if (!lane) return undefined;
    let bytes = lane.first!.bytes;
    const entries = core.backlog.take(lane, (entry, count) => {
      bytes += entry.bytes;
      return count < maxItems && bytes <= maxBytes;
    });
    lane.stopTimer?.();
    lane.stopTimer = undefined;
    if (lane.size > 0 && !this.isReady(lane)) this.#waitSinceAdded(lane);
    for (const entry of entries) core.begin(entry);
    return new Batch(entries, lane);
  }

  async work(first: Batch<Item, Result>): Promise<void> {
    const { dispatcher, backlog } = this.#core;
    for (let batch: Batch<Item, Result> | undefined = first; batch;) {
      const parts = await this.#perform(batch);
      // in its own place among those that run, one after the other
      while (parts.length > 0 && (await dispatcher.another())) {
        parts.unshift(...(await this.#perform(parts.shift()!)));
      }
      backlog.ended(batch.lane);
      batch = dispatcher.next() as Batch<Item, Result> | undefined;
    }
  }

  /** Carries out a batch, and returns those that are to be tried in its place. */
  async #perform(batch: Batch<Item, Result>): Promise<Batch<Item, Result>[]> {
    const { outcomes, counts } = this.#core;
    counts.operations += 1;
    let results: readonly (Result | Error)[];
    try {
      const items = batch.entries.map(({ item }) => item);
      results = resultsOf(await this.#handle(items, batch), items.length);
    } catch (error) {
      return this.#failed(batch, error);
    }
    for (const [at, entry] of batch.entries.entries()) {
      const result = results[at] as Result | Error;
      if (isError(result)) outcomes.failed(entry, result);
      else outcomes.succeeded(entry, result);
    }
    return [];
  }

  #failed(batch: Batch<Item, Result>, error: unknown): Batch<Item, Result>[] {
    const { outcomes, events } = this.#core;
    const { mayBisect } = this.#options;
    const left = outcomes.retried(batch.entries, error);
    const mayHelp = left.length > 1 && !isMisuse(error);
    const isSplit = mayHelp && this.#core.asks("bisect", () => mayBisect(error));
    if (isSplit) {
      if (events.wanted) events.emit({ type: "split", items: left.length, error });
      return batch.halves(left);
    }
    for (const entry of left) outcomes.dead(entry, error);
    return [];
  }

  /** What a full batch left behind has waited already. */
  #waitSinceAdded(lane: Lane<Item, Result>): void {
    const { clock, backlog } = this.#core;
    const waitMs = this.#options.maxWaitMs - (clock.monotonic() - lane.first!.addedAt);
    if (waitMs > 0) return this.#waitForMore(lane, waitMs);
    lane.due = lane.size;
    backlog.refresh(lane);
  }

  #waitForMore(lane: Lane<Item, Result>, waitMs: number): void {
    if (waitMs === Infinity) return;
    lane.stopTimer = this.#core.clock.setTimeout(() => {
      lane.stopTimer = undefined;
      lane.due = lane.size;
      this.#core.backlog.refresh(lane);
      this.#core.dispatcher.pump();
    }, waitMs);
  }
}

const misuses = new WeakSet();

/** @throws TypeError when it is not one result for each item. */
function resultsOf<Result>(
  returned: BatchResults<Result>,
  count: number,
): readonly (Result | Error)[] {
  if (returned === undefined) return [];
  if (Array.isArray(returned) && returned.length === count) return returned;
  const got = Array.isArray(returned) ? `${returned.length}` : typeof returned;
  const error = new TypeError(
    `BatchQueue: handle must return one result or error per item, or nothing: got ${got} for ${count}`,
  );
  misuses.add(error);
  throw error;
}

/** Whether the handler does what it must not, so that no item is to blame. */
function isMisuse(error: unknown): boolean {
  return typeof error === "object" && error !== null && misuses.has(error);
}

/** An error that says that the same may succeed later blames no item. */
function isNotTransient(error: unknown): boolean {
  return !(
    typeof error === "object" &&
    error !== null &&
    (error as { retryable?: unknown }).retryable === true
  );
}

function within(context: BatchContext, signal: AbortSignal): BatchContext {
  return { signal, key: context.key, runAs: context.runAs };
}
