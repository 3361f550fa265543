import { closeIterator } from "./close-iterator.js";

/**
 * Calls `each` for the items of an iterable, so many at a time, taking them as they are needed. Rejects with the first
 * error, of `each`, of the iterable, or given to the function that `onStart` receives; no item is taken after that, and
 * the iterable is closed.
 */
export function workThrough<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  each: (item: T, index: number) => unknown,
  onStart: (fail: (error: unknown) => void) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let index = 0;
    let running = 0;
    let ended = false;
    let taking = false;
    let close: (() => void) | undefined;

    function fail(error: unknown): void {
      reject(error);
      if (ended) return;
      ended = true;
      close?.();
    }

    function leave(): void {
      running--;
      if (ended && running === 0) resolve();
    }

    async function workSync(iterator: Iterator<T>): Promise<void> {
      running++;
      try {
        while (!ended) {
          const step = iterator.next();
          if (step.done) ended = true;
          else await each(step.value, index++);
        }
      } catch (error) {
        fail(error);
      }
      leave();
    }

    // one at a time waits for the next item, and has a successor do so as soon as it has one
    async function workAsync(iterator: AsyncIterator<T>): Promise<void> {
      running++;
      try {
        while (!ended && !taking) {
          taking = true;
          const step = await iterator.next();
          taking = false;
          if (ended) break;
          if (step.done) ended = true;
          else {
            if (running < concurrency) void workAsync(iterator);
            await each(step.value, index++);
          }
        }
      } catch (error) {
        fail(error);
      }
      leave();
    }

    onStart(fail);
    if (ended) return;
    if (Symbol.asyncIterator in items) {
      const iterator = items[Symbol.asyncIterator]();
      close = () => void closeIterator(iterator);
      void workAsync(iterator);
    } else {
      const iterator = items[Symbol.iterator]();
      close = () => void closeIterator(iterator);
      do void workSync(iterator);
      while (!ended && running < concurrency);
    }
  });
}
