/**
 * Objects and arrays as JSON: what a client makes of them is no value. (`mysql2` pastes `{ a: 1 }` as `a` = 1, with which
 * a request body can rewrite the statement.)
 */
export function jsonBindings(bindings: readonly unknown[]): readonly unknown[] {
  return bindings.some(isPlain)
    ? bindings.map((value) => (isPlain(value) ? JSON.stringify(value) : value))
    : bindings;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
