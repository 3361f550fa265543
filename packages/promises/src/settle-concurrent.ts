import { mapConcurrent, type ConcurrentOptions, type Mapper } from "./map-concurrent.js";

/**
 * Maps items like `mapConcurrent`, and lets none of them end the others: returns what became of each, in the order of the
 * items.
 *
 * @throws the error of the iterable; the signal's reason when it aborts.
 */
export function settleConcurrent<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  mapper: Mapper<T, R>,
  options?: ConcurrentOptions,
): Promise<PromiseSettledResult<R>[]> {
  return mapConcurrent<T, PromiseSettledResult<R>>(
    items,
    async (item, index, context) => {
      try {
        return { status: "fulfilled", value: await mapper(item, index, context) };
      } catch (reason) {
        return { status: "rejected", reason };
      }
    },
    options,
  );
}
