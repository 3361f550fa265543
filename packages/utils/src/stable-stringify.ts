import { isPlainObject } from "./guards.js";

/**
 * JSON whose text does not depend on the order in which properties were added; otherwise what `JSON.stringify` writes.
 *
 * @throws TypeError when the value is circular or holds a BigInt, as `JSON.stringify` does.
 */
export function stableStringify(value: unknown, space?: number): string | undefined {
  return JSON.stringify(
    value,
    (_key, each: unknown) =>
      isPlainObject(each)
        ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : each,
    space,
  );
}
