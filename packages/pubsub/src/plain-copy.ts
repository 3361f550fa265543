import { UnsupportedMessageError } from "./errors.js";

const deepest = 100;

/**
 * Copies a message as JSON would: what the publisher changes later changes nothing, and every engine hands over the same.
 *
 * @throws UnsupportedMessageError (`ERR_PUBSUB_UNSUPPORTED_MESSAGE`) where JSON would lose something in silence.
 */
export function copyPlain(value: unknown): unknown {
  // a path is only made when there is something to say
  return copy(value, 0, undefined);
}

interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
}

function copy(value: unknown, depth: number, path: Path | undefined): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      return refuse(String(value), path);
    case "object":
      if (value === null) return value;
      if (depth === deepest)
        return refuse(`something deeper than ${deepest} levels, or a circle,`, path);
      return Array.isArray(value)
        ? copyArray(value, depth, path)
        : copyObject(value as Record<string, unknown>, depth, path);
    default:
      return refuse(value === undefined ? "undefined" : `a ${typeof value}`, path);
  }
}

function copyArray(value: readonly unknown[], depth: number, above: Path | undefined): unknown[] {
  const copied: unknown[] = [];
  for (let at = 0; at < value.length; at += 1) {
    const each = value[at];
    copied.push(isPrimitive(each) ? each : copy(each, depth + 1, { above, key: at }));
  }
  return copied;
}

function copyObject(
  value: Record<string, unknown>,
  depth: number,
  above: Path | undefined,
): unknown {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && prototype !== null) {
    const { toJSON } = value;
    if (typeof toJSON === "function") {
      return copy((toJSON as (key: string) => unknown).call(value, ""), depth + 1, above);
    }
    // an object of another realm, as Jest has them, is plain too
    if (Object.getPrototypeOf(prototype) !== null) {
      const { constructor } = value;
      return refuse(
        `an instance of ${(constructor as { name?: string })?.name ?? "a class"}`,
        above,
      );
    }
  }
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const each = value[key];
    if (each === undefined) continue;
    const own = isPrimitive(each) ? each : copy(each, depth + 1, { above, key });
    if (key === "__proto__") {
      Object.defineProperty(copied, key, {
        value: own,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } else copied[key] = own;
  }
  return copied;
}

function isPrimitive(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean";
}

function refuse(what: string, path: Path | undefined): never {
  const parts: (string | number)[] = [];
  for (let at = path; at; at = at.above) parts.unshift(at.key);
  const where = parts.join(".");
  throw new UnsupportedMessageError(
    `a message must be plain JSON, got ${what}${where ? ` at ${where}` : ""}`,
    { details: { path: where } },
  );
}
