/** The object's own properties of these names, those that it has. */
export function pick<T extends object, K extends keyof T>(
  object: T,
  keys: readonly K[],
): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key]]),
  ) as Pick<T, K>;
}

/** The object's own enumerable properties but those of these names. */
export function omit<T extends object, K extends keyof T>(
  object: T,
  keys: readonly K[],
): Omit<T, K> {
  const left = new Set<PropertyKey>(keys.map((key) => (typeof key === "number" ? `${key}` : key)));
  return Object.fromEntries(
    Reflect.ownKeys(object)
      .filter((key) => !left.has(key) && Object.prototype.propertyIsEnumerable.call(object, key))
      .map((key) => [key, object[key as keyof T]]),
  ) as Omit<T, K>;
}
