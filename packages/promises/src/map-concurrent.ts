import { linkSignals } from "./link-signals.js";
import { wholeNumber } from "./whole-number.js";
import { workThrough } from "./work-through.js";
import type { WaitOptions, WorkContext } from "./work.js";

/** Options of {@link mapConcurrent} and its relatives. */
export interface ConcurrentOptions extends WaitOptions {
  /** How many run at once; `Infinity` for all. @default 10 */
  readonly concurrency?: number;
}

/** What is called with each item. */
export type Mapper<T, R> = (item: T, index: number, context: WorkContext) => R | PromiseLike<R>;

/**
 * Maps items, so many at a time, and returns the results in the order of the items. Items are taken from the iterable as
 * they are needed. The first failure, or `signal`, rejects the call at once and aborts the signal that every mapper was
 * given; no further item is begun, and the iterable is closed.
 *
 * @throws the first error of a mapper or of the iterable; the signal's reason when it aborts.
 */
export async function mapConcurrent<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  mapper: Mapper<T, R>,
  options: ConcurrentOptions = {},
): Promise<R[]> {
  const concurrency = wholeNumber(options.concurrency ?? 10, "mapConcurrent: concurrency");
  options.signal?.throwIfAborted();
  const link = linkSignals(options.signal);
  const results: R[] = [];
  try {
    await workThrough(
      items,
      concurrency,
      async (item, index) => {
        results[index] = await mapper(item, index, link);
      },
      (fail) => {
        link.signal.addEventListener("abort", () => fail(link.signal.reason), { once: true });
      },
    );
    return results;
  } catch (error) {
    link.abort(error);
    throw error;
  } finally {
    link[Symbol.dispose]();
  }
}
