import { abortable } from "./abortable.js";
import { closeIterator } from "./close-iterator.js";
import { deferred } from "./deferred.js";
import { linkSignals } from "./link-signals.js";
import type { ConcurrentOptions, Mapper } from "./map-concurrent.js";
import { wholeNumber } from "./whole-number.js";

/**
 * Maps a stream of items into a stream of results, in the same order, so many at a time. Nothing runs ahead of the one who
 * reads: at most `concurrency` items are taken beyond the last result that was asked for. Stopping to read (`break`), a
 * failure, or `signal` aborts what is under way and closes the source.
 *
 * @throws the error of the mapper whose turn it is, or of the source; the signal's reason when it aborts.
 */
export async function* mapIterable<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  mapper: Mapper<T, R>,
  options: ConcurrentOptions = {},
): AsyncGenerator<Awaited<R>, void, undefined> {
  const concurrency = wholeNumber(options.concurrency ?? 10, "mapIterable: concurrency");
  options.signal?.throwIfAborted();
  const link = linkSignals(options.signal);
  const { signal } = link;
  const source =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<Awaited<R>>[] = [];
  let taken = 0;
  let taking = false;
  let ended = false;
  let changed = deferred();

  async function begin(item: T, index: number): Promise<Awaited<R>> {
    return await mapper(item, index, link);
  }

  function enqueue(result: Promise<Awaited<R>>): void {
    // looked at when its turn comes
    result.catch(() => {});
    underWay.push(result);
    changed.resolve();
  }

  async function take(): Promise<void> {
    if (taking) return;
    taking = true;
    try {
      while (!ended && underWay.length < concurrency) {
        const step = await source.next();
        if (step.done) ended = true;
        else if (!signal.aborted) enqueue(begin(step.value, taken++));
      }
    } catch (error) {
      ended = true;
      enqueue(Promise.reject(error));
    }
    taking = false;
    changed.resolve();
  }

  try {
    for (;;) {
      void take();
      const [next] = underWay;
      if (next) {
        const value = await abortable(next, { signal });
        // not before it has ended: until then it counts as one of those that run
        void underWay.shift();
        void take();
        yield value;
      } else if (ended) return;
      else {
        changed = deferred();
        await abortable(changed.promise, { signal });
      }
    }
  } catch (error) {
    link.abort(error);
    throw error;
  } finally {
    if (underWay.length > 0) link.abort(new DOMException("nobody reads on", "AbortError"));
    link[Symbol.dispose]();
    const unfinished = !ended;
    ended = true;
    // a source that is busy closes when it is done with that, and need not be waited for
    if (unfinished) {
      const closing = closeIterator(source);
      if (!taking) await closing;
    }
  }
}
