import { isPlainObject } from "./guards.js";

/** What {@link merge} makes of two objects. */
export type Merged<A, B> = A extends readonly unknown[] | ((...args: never[]) => unknown)
  ? B
  : A extends object
    ? B extends readonly unknown[] | ((...args: never[]) => unknown)
      ? B
      : B extends object
        ? {
            [K in keyof A | keyof B]: K extends keyof B
              ? K extends keyof A
                ? Merged<A[K], Exclude<B[K], undefined>> | (undefined extends B[K] ? A[K] : never)
                : B[K]
              : K extends keyof A
                ? A[K]
                : never;
          }
        : B
    : B;

/**
 * A new object with the properties of both, those of `over` first in rank. Plain objects merge with plain objects;
 * anything else, arrays too, is taken as a whole. What is `undefined` in `over` leaves the base's value. Neither input is
 * changed, and no `__proto__` key is followed or copied, so that input from outside can't reach a prototype.
 */
export function merge<A extends object, B extends object>(base: A, over: B): Merged<A, B> {
  return mergeObjects(base as Record<string, unknown>, over as Record<string, unknown>) as Merged<
    A,
    B
  >;
}

function mergeObjects(
  base: Record<string, unknown>,
  over: Record<string, unknown>,
): Record<string, unknown> {
  const result: Record<string, unknown> = copy(base);
  for (const key of Object.keys(over)) {
    const value = over[key];
    if (key === "__proto__" || value === undefined) continue;
    const before = Object.hasOwn(result, key) ? result[key] : undefined;
    if (isPlainObject(value)) {
      result[key] = isPlainObject(before) ? mergeObjects(before, value) : copy(value);
    } else {
      result[key] = value;
    }
  }
  return result;
}

/** Plain objects are copied all the way down, so that the result shares none with the inputs. */
function copy(object: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    if (key === "__proto__") continue;
    const value = object[key];
    result[key] = isPlainObject(value) ? copy(value) : value;
  }
  return result;
}
