import { mapConcurrent, type ConcurrentOptions, type Mapper } from "./map-concurrent.js";

/**
 * The items that a test holds for, in their order. The test runs on so many at a time; the first failure ends it all, as
 * with `mapConcurrent`.
 *
 * @throws the first error of a test or of the iterable; the signal's reason when it aborts.
 */
export async function filterConcurrent<T>(
  items: Iterable<T> | AsyncIterable<T>,
  test: Mapper<T, boolean>,
  options?: ConcurrentOptions,
): Promise<T[]> {
  const kept = await mapConcurrent<T, readonly T[]>(
    items,
    async (item, index, context) => ((await test(item, index, context)) ? [item] : []),
    options,
  );
  return kept.flatMap((each) => each);
}
