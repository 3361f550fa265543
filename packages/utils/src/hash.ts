import { isPlainObject } from "./guards.js";

/** Options of {@link hash}. */
export interface HashOptions {
  /** @default "sha256" */
  readonly algorithm?: "sha256" | "sha512" | "sha1" | "md5";
  /** @default "hex" */
  readonly encoding?: "hex" | "base64url";
}

/**
 * A digest of a value's content: equal values have equal digests, whatever the order of their properties, map entries or
 * set members. Tells apart what JSON does not: `1` and `"1"`, a date and its text, `undefined` and nothing, an object and
 * an empty map.
 *
 * @throws TypeError when the value is circular or holds a function, a symbol, or an object that is neither plain nor one
 * of the built-in kinds: what it holds could not be seen.
 */
export function hash(value: unknown, options: HashOptions = {}): string {
  const { algorithm = "sha256", encoding = "hex" } = options;
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash(algorithm).update(canonical(value, new Set())).digest(encoding);
}

function canonical(value: unknown, above: Set<object>): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "undefined":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : canonicalObject(value, above);
    default:
      throw new TypeError(`hash: value must not hold a ${typeof value}`);
  }
}

function canonicalObject(value: object, above: Set<object>): string {
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return `RegExp(${String(value)})`;
  if (value instanceof URL) return `URL(${JSON.stringify(value.href)})`;
  if (value instanceof ArrayBuffer) return bytesOf("ArrayBuffer", new Uint8Array(value));
  if (ArrayBuffer.isView(value)) {
    return bytesOf(
      value.constructor.name,
      new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
    );
  }
  if (above.has(value)) throw new TypeError("hash: value must not be circular");
  above.add(value);
  const text = canonicalContent(value, (each) => canonical(each, above));
  above.delete(value);
  return text;
}

function canonicalContent(value: object, write: (each: unknown) => string): string {
  // by index, so that holes count as undefined
  if (Array.isArray(value)) return `[${Array.from(value as unknown[], write).join()}]`;
  if (value instanceof Map) {
    return `Map(${Array.from(value, ([key, each]) => `${write(key)}=>${write(each)}`)
      .toSorted()
      .join()})`;
  }
  if (value instanceof Set) return `Set(${Array.from(value, write).toSorted().join()})`;
  if (isPlainObject(value)) {
    const entries = Object.entries(value).map(
      ([key, each]) => `${JSON.stringify(key)}:${write(each)}`,
    );
    return `{${entries.toSorted().join()}}`;
  }
  throw new TypeError(`hash: value must not hold a ${value.constructor.name}`);
}

function bytesOf(kind: string, bytes: Uint8Array): string {
  return `${kind}(${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")})`;
}
