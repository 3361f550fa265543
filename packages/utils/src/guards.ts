/** Whether a value is neither `undefined` nor `null`. */
export function isDefined<T>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null;
}

/** Whether a value is a text with something in it. */
export function isNonEmptyString(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Whether a value is a number that can be calculated with: neither NaN nor infinite. */
export function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Whether a value is an object made by `{}`, `Object.create(null)` or JSON, also of another realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // the prototype of another realm's objects is a root too
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf"))
  );
}

/** Whether a value is a date that exists. */
export function isValidDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** Whether a value can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** Whether a value is one of a list: `isOneOf(["asc", "desc"], value)` narrows to the two. */
export function isOneOf<const T>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

/**
 * Says to the compiler that this can't be reached, and to the caller when it is.
 *
 * @throws TypeError always.
 */
export function assertNever(value: never, what = "value"): never {
  throw new TypeError(`${what} is not one of those expected: ${String(value)}`);
}
