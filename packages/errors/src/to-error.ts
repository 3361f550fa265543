import { inspect } from "node:util";

/**
 * Whatever was thrown, as an error: an error as it is (also one from another realm, which is no `instanceof Error`),
 * anything else wrapped with the value as `cause`.
 */
export function toError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  const text =
    typeof thrown === "string" ? thrown : inspect(thrown, { depth: 1, breakLength: 120 });
  return new Error(text, { cause: thrown });
}

const tags = new Set(["[object Error]", "[object DOMException]"]);

/** Whether a value is an error, also one from another realm, such as Jest's vm. */
export function isError(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && tags.has(Object.prototype.toString.call(value)))
  );
}
