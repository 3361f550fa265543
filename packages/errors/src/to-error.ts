/**
 * Whatever was thrown, as an error: an error as it is (also one from another realm, which is no `instanceof Error`),
 * anything else wrapped with the value as `cause`. Never throws.
 */
export function toError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return new Error(typeof thrown === "string" ? thrown : shown(thrown), { cause: thrown });
}

function shown(thrown: unknown): string {
  try {
    // not imported: a browser has neither
    if (typeof process === "undefined") return String(thrown);
    const { inspect } = process.getBuiltinModule("node:util");
    return inspect(thrown, { depth: 1, breakLength: 120 });
  } catch {
    return "[unreadable]";
  }
}

const tags = new Set(["[object Error]", "[object DOMException]"]);

/** Whether a value is an error, also one from another realm, such as Jest's vm. Never throws. */
export function isError(value: unknown): value is Error {
  try {
    return (
      value instanceof Error ||
      (typeof value === "object" &&
        value !== null &&
        tags.has(Object.prototype.toString.call(value)))
    );
  } catch {
    // a proxy may throw at anything
    return false;
  }
}
