/** A value that can't be changed, however deep. */
export type DeepReadonly<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/**
 * Freezes a value with everything in it, and returns it. What keeps its content elsewhere than in properties (a Map, a
 * Set, a Date, the bytes of a Buffer) stays changeable inside.
 */
export function deepFreeze<T>(value: T): DeepReadonly<T> {
  const queue: unknown[] = [value];
  for (const each of queue) {
    if (typeof each !== "object" || each === null || Object.isFrozen(each)) continue;
    // bytes can't be frozen
    if (ArrayBuffer.isView(each)) continue;
    Object.freeze(each);
    for (const key of Reflect.ownKeys(each)) {
      const property = Object.getOwnPropertyDescriptor(each, key)!;
      if ("value" in property) queue.push(property.value);
    }
  }
  return value as DeepReadonly<T>;
}
