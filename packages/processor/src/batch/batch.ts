import { systemClock, type Clock } from "@infra/interfaces";
import { mapIterable } from "@infra/promises";

import { checkNumber } from "../check-argument.js";
import { limitError } from "../limit-error.js";
import { notify } from "../notify.js";
import type { StageItemContext } from "../pipeline/pipeline.js";
import type { Stage } from "../pipeline/stage.js";
import type { Checkpoint } from "./checkpoint.js";

/** What became of one item. */
export type BatchResult<T, R> = {
  readonly item: T;
  /** The number of the item, from 0. */
  readonly index: number;
  readonly key: string;
} & (
  | { readonly status: "done"; readonly value: R }
  | { readonly status: "failed"; readonly error: unknown }
  /** The checkpoint has it as done. */
  | { readonly status: "skipped" }
);

/** How far a batch has come. */
export interface BatchProgress {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  /** All of them, where that is known. */
  readonly total?: number;
  readonly elapsedMs: number;
  /** What is left at this pace, where the total is known and one is done. */
  readonly remainingMs?: number;
}

/** Options of {@link batch} and {@link runBatch}. */
export interface BatchOptions<T> {
  /** How many are under way at once. @default 4 */
  readonly concurrency?: number;
  /** What is done already, and is passed over. */
  readonly checkpoint?: Checkpoint;
  /** What an item is called in the checkpoint; the same at each run. @default the item, if it is a text */
  readonly key?: (item: T, index: number) => string;
  /** More failures than this end the batch. @default Infinity */
  readonly maxFailures?: number;
  /** How many items there are, for the progress. @default the length of an array */
  readonly total?: number;
  /** Called after each item. */
  readonly onProgress?: (progress: BatchProgress) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** The work on one item; temporary files last until the batch ends. Its signal aborts when the batch is given up. */
export type BatchWork<T, R> = (
  item: T,
  context: StageItemContext & { readonly key: string },
) => R | PromiseLike<R>;

/**
 * Work on each item as a stage of a pipeline, where an item that fails does not end the others: gives what became of each,
 * in their order. An item is entered in the checkpoint when its work is done, before its result is given; a process that
 * is killed in between does it again.
 *
 * @throws LimitExceededError (`ERR_PROCESSOR_LIMIT`) beyond `maxFailures`; what the checkpoint throws.
 */
export function batch<T, R>(
  work: BatchWork<T, R>,
  options: BatchOptions<T> = {},
): Stage<T, BatchResult<T, Awaited<R>>> {
  const concurrency = checkNumber(options.concurrency ?? 4, "concurrency", { least: 1 });
  const maxFailures = checkNumber(options.maxFailures ?? Infinity, "maxFailures", { least: 0 });
  const { checkpoint } = options;
  return async function* (items, context) {
    const tally = new Tally(options);
    const done = (await checkpoint?.load(context)) ?? new Set<string>();
    const each = async (
      item: T,
      index: number,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<BatchResult<T, Awaited<R>>> => {
      const key = keyOf(item, index, options);
      const about = { item, index, key };
      if (done.has(key)) return { ...about, status: "skipped" };
      let value: Awaited<R>;
      try {
        value = await work(item, { ...context, signal, index, key });
      } catch (error) {
        signal.throwIfAborted();
        return { ...about, status: "failed", error };
      }
      await checkpoint?.add(key);
      return { ...about, status: "done", value };
    };
    const { signal } = context;
    for await (const result of mapIterable(items, each, { concurrency, signal })) {
      tally.add(result.status);
      if (result.status === "failed" && tally.failed > maxFailures) {
        throw limitError({
          what: "the batch",
          limit: "maxFailures",
          allowed: maxFailures,
          found: tally.failed,
          unit: "failures",
        });
      }
      yield result;
    }
  };
}

/** Counts, and tells of it. */
class Tally {
  readonly #options: Pick<BatchOptions<never>, "total" | "onProgress">;
  readonly #clock: Clock;
  readonly #startedAt: number;
  done = 0;
  failed = 0;
  skipped = 0;

  constructor(options: Pick<BatchOptions<never>, "total" | "onProgress" | "clock">) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.monotonic();
  }

  add(status: "done" | "failed" | "skipped"): void {
    this[status] += 1;
    const { total, onProgress } = this.#options;
    if (!onProgress) return;
    const { done, failed, skipped } = this;
    const elapsedMs = this.#clock.monotonic() - this.#startedAt;
    const worked = done + failed;
    const left = total === undefined ? undefined : Math.max(0, total - worked - skipped);
    notify(onProgress, {
      done,
      failed,
      skipped,
      elapsedMs,
      ...(total !== undefined && { total }),
      ...(left !== undefined && worked > 0 && { remainingMs: (elapsedMs / worked) * left }),
    });
  }
}

function keyOf<T>(item: T, index: number, options: BatchOptions<T>): string {
  const key = options.key ? options.key(item, index) : item;
  if (typeof key === "string") return key;
  if (options.checkpoint || options.key) {
    throw new TypeError(
      `key must give a text for each item, or the checkpoint can't know it again; got ${typeof key} for item ${index}`,
    );
  }
  return String(index);
}
