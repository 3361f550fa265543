import { isError } from "./to-error.js";

/** One pass over a value. */
export interface PlainWalk {
  /** What the value stands in, for circles and for depth. */
  readonly ancestors: Set<unknown>;
  /** How many more values are let through. */
  remaining: number;
  /** Whether the members of class instances are shown, or only the name of the class. */
  instances: boolean;
  readonly describe: (error: Error) => unknown;
}

const maxDepth = 8;
const maxLength = 10_000;

/** A value as what JSON can hold, and gives back as it is; never throws. */
export function plain(value: unknown, walk: PlainWalk): unknown {
  walk.remaining -= 1;
  switch (typeof value) {
    case "string":
      return value.length <= maxLength
        ? value
        : `${value.slice(0, maxLength)}… [${value.length - maxLength} more]`;
    case "bigint":
      return `${value}n`;
    case "function":
    case "symbol":
    case "undefined":
      return `[${typeof value}]`;
    case "number":
      // -0 would come back as 0
      return Number.isFinite(value) ? value || 0 : String(value);
    case "boolean":
      return value;
    default:
      break;
  }
  const object = value as object | null;
  if (object === null) return object;
  if (walk.ancestors.has(value)) return "[circular]";
  if (walk.ancestors.size >= maxDepth) return "[too deep]";
  try {
    if (isError(object)) return walk.describe(object);
    walk.ancestors.add(object);
    return plainObject(object, walk);
  } catch {
    return "[unreadable]";
  } finally {
    walk.ancestors.delete(value);
  }
}

function plainObject(value: object, walk: PlainWalk): unknown {
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    return list(value as Iterable<unknown>, walk);
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  }
  // URLs, secrets, decimals and their like know their own text
  const toJson = read(value, "toJSON");
  if (typeof toJson === "function") {
    const text: unknown = Reflect.apply(toJson, value, []);
    if (typeof text !== "object" || text === null) return plain(text, walk);
  }
  if (!walk.instances && !isPlain(value)) {
    return `[${textOf(read(read(value, "constructor") as object, "name"))}]`;
  }
  const members: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    if (walk.remaining <= 0) {
      members.push(["…", "[too much]"]);
      break;
    }
    const member = read(value, key);
    if (member !== undefined) members.push([key, plain(member, walk)]);
  }
  // an own property even when it is called __proto__
  return Object.fromEntries(members);
}

function list(values: Iterable<unknown>, walk: PlainWalk): unknown[] {
  const items: unknown[] = [];
  for (const value of values) {
    if (walk.remaining <= 0) {
      items.push("[too much]");
      break;
    }
    items.push(plain(value, walk));
  }
  return items;
}

/** Whether an object is a literal, of whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A property of an object that may throw when it is read. */
export function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return "[unreadable]";
  }
}

/** What ought to be text, as text. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return String(value);
  } catch {
    return "[unreadable]";
  }
}
