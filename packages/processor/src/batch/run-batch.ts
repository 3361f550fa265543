import { linkSignals } from "@infra/promises";

import { checkNumber } from "../check-argument.js";
import type { StageContext } from "../pipeline/stage.js";
import { TemporaryPaths } from "../pipeline/temporary-paths.js";
import { batch, type BatchOptions, type BatchResult, type BatchWork } from "./batch.js";

/** Options of {@link runBatch}. */
export interface RunBatchOptions<T, R> extends BatchOptions<T> {
  readonly signal?: AbortSignal | undefined;
  /** Called with what became of each item, in their order; the next is waited for until it resolves. */
  readonly onResult?: (result: BatchResult<T, R>) => void | Promise<void>;
  /** How many failures the report holds; all are counted. @default 100 */
  readonly keepFailures?: number;
}

/** What {@link runBatch} resolves to. */
export interface BatchReport<T> {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly elapsedMs: number;
  /** The first of them. */
  readonly failures: readonly {
    readonly item: T;
    readonly index: number;
    readonly key: string;
    readonly error: unknown;
  }[];
}

/**
 * Works through items, so many at a time, to the end: an item that fails is reported and does not end the others. With a
 * `checkpoint` it can be run again, and does what is missing.
 *
 * @throws the signal's reason; what the items, `onResult` or the checkpoint throw; LimitExceededError
 * (`ERR_PROCESSOR_LIMIT`) beyond `maxFailures`.
 */
export async function runBatch<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: BatchWork<T, R>,
  options: RunBatchOptions<T, Awaited<R>> = {},
): Promise<BatchReport<T>> {
  const keep = checkNumber(options.keepFailures ?? 100, "keepFailures", { least: 0 });
  const startedAt = performance.now();
  const counts = { done: 0, failed: 0, skipped: 0 };
  const failures: { item: T; index: number; key: string; error: unknown }[] = [];
  options.signal?.throwIfAborted();
  const link = linkSignals(options.signal);
  const total = options.total ?? (Array.isArray(items) ? items.length : undefined);
  const stage = batch(work, { ...options, ...(total !== undefined && { total }) });
  const temporary = new TemporaryPaths();
  const context: StageContext = {
    signal: link.signal,
    tempFile: (name) => temporary.file(name),
    tempDirectory: () => temporary.directory(),
  };
  try {
    for await (const result of stage(asAsync(items), context)) {
      counts[result.status] += 1;
      await options.onResult?.(result);
      if (result.status === "failed" && failures.length < keep) {
        const { item, index, key, error } = result;
        failures.push({ item, index, key, error });
      }
    }
  } catch (error) {
    link.abort(error);
    throw error;
  } finally {
    link[Symbol.dispose]();
    await temporary.removeAll();
  }
  return { ...counts, failures, elapsedMs: performance.now() - startedAt };
}

async function* asAsync<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
