import { mapConcurrent, type ConcurrentOptions } from "./map-concurrent.js";
import type { Work } from "./work.js";

/** The results of pieces of work, each in its place. */
export type AllResults<W extends readonly Work<unknown>[]> = {
  -readonly [K in keyof W]: W[K] extends Work<infer T> ? Awaited<T> : never;
};

/**
 * Runs different pieces of work, so many at a time, and returns their results, each in its place. The first failure
 * rejects the call and aborts the signal of the others: `const [user, notes] = await allConcurrent([loadUser, loadNotes])`.
 *
 * @throws the first error; the signal's reason when it aborts.
 */
export async function allConcurrent<const W extends readonly Work<unknown>[]>(
  works: W,
  options?: ConcurrentOptions,
): Promise<AllResults<W>> {
  const results = await mapConcurrent<Work<unknown>, unknown>(
    works,
    (work, _index, context) => work(context),
    options,
  );
  return results as AllResults<W>;
}
