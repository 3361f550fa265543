import { types } from "node:util";

import { UnsupportedValueError } from "./errors.js";

/**
 * How a kept value is copied for the one who asks: a primitive not at all; a plain object at once, then the properties
 * that are listed; anything else by looking at all of it.
 */
export type CopyPlan = "none" | "deep" | readonly string[];

/** A private copy of a value, and what is known about it. */
export interface Snapshot {
  readonly value: unknown;
  readonly plan: CopyPlan;
  /** What it takes in memory, roughly. */
  readonly bytes: number;
  /** Whether JSON can't say it. */
  readonly rich: boolean;
}

const maxDepth = 256;
const objectBytes = 24;
const slotBytes = 8;
const noKeys: readonly string[] = [];

/** Classes of which copies are made, besides plain objects and arrays. */
const binary = new Set([
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
]);

/**
 * Takes a private copy of a value.
 *
 * @throws UnsupportedValueError (`ERR_CACHE_UNSUPPORTED_VALUE`) when it holds something that would not come back equal.
 */
export function takeSnapshot(value: unknown): Snapshot {
  const walk = new Walk();
  const copy = walk.copy(value, "", 0);
  return { value: copy, plan: planOf(copy), bytes: walk.bytes, rich: walk.rich };
}

/** A copy of a kept value, for the one who asks. */
export function copyOf(value: unknown, plan: CopyPlan): unknown {
  if (plan === "none") return value;
  if (plan === "deep") return copyDeep(value);
  const copy = { ...(value as Record<string, unknown>) };
  for (let at = 0; at < plan.length; at++) copy[plan[at]!] = copyDeep(copy[plan[at]!]);
  return copy;
}

/** How to copy what a snapshot or the codec has made. */
export function planOf(value: unknown): CopyPlan {
  if (typeof value !== "object" || value === null) return "none";
  if (Object.getPrototypeOf(value) !== Object.prototype) return "deep";
  const nested = Object.keys(value).filter((key) => {
    const item = (value as Record<string, unknown>)[key];
    return typeof item === "object" && item !== null;
  });
  return nested.length > 0 ? nested : noKeys;
}

/** Copies what a snapshot or the codec has made: everything in it is known to be copyable. */
export function copyDeep(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice();
    for (let at = 0; at < copy.length; at++) {
      const item = copy[at];
      if (typeof item === "object" && item !== null) copy[at] = copyDeep(item);
    }
    return copy;
  }
  // the way of most, and the quickest
  if (Object.getPrototypeOf(value) === Object.prototype) {
    const copy = { ...value } as Record<string, unknown>;
    for (const key in copy) {
      const item = copy[key];
      if (typeof item === "object" && item !== null) copy[key] = copyDeep(item);
    }
    return copy;
  }
  if (isPlain(value)) {
    const copy = ownCopy(value);
    for (const key of Object.keys(copy)) copy[key] = copyDeep(copy[key]);
    return copy;
  }
  return copySpecial(value, copyDeep);
}

/** The class that an object says it is of, whichever realm it comes from. */
export function classOf(value: object): string | undefined {
  const { constructor } = (Object.getPrototypeOf(value) ?? {}) as { constructor?: unknown };
  return typeof constructor === "function" ? constructor.name : undefined;
}

/** Whether an object is a plain one, also of another realm (tests run in one of their own). */
export function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf"))
  );
}

/** A spread makes properties of its own, also of one that is called __proto__: they can be written to then. */
function ownCopy(value: Record<string, unknown>): Record<string, unknown> {
  return Object.getPrototypeOf(value) === null
    ? (Object.assign(Object.create(null) as object, value) as Record<string, unknown>)
    : { ...value };
}

/** A copy of an instance of the classes that are kept; `undefined` for any other. */
function copySpecial(value: object, copy: (item: unknown) => unknown): object | undefined {
  const name = classOf(value);
  if (types.isDate(value) && name === "Date") return new Date(value.getTime());
  if (types.isMap(value) && name === "Map") {
    return new Map(Array.from(value, ([key, item]) => [copy(key), copy(item)] as const));
  }
  if (types.isSet(value) && name === "Set") return new Set(Array.from(value, (item) => copy(item)));
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (types.isTypedArray(value) && binary.has(name ?? "")) return value.slice();
  if (types.isArrayBuffer(value) && name === "ArrayBuffer") return value.slice(0);
  if (types.isRegExp(value) && name === "RegExp") return new RegExp(value.source, value.flags);
  if (value instanceof URL) return new URL(value);
  return undefined;
}

class Walk {
  bytes = 0;
  rich = false;

  copy(value: unknown, path: string, depth: number): unknown {
    switch (typeof value) {
      case "string":
        this.bytes += slotBytes + 2 * value.length;
        return value;
      case "number":
        this.bytes += slotBytes;
        if (!Number.isFinite(value) || Object.is(value, -0)) this.rich = true;
        return value;
      case "boolean":
        this.bytes += slotBytes;
        return value;
      case "undefined":
      case "bigint":
        this.bytes += 2 * slotBytes;
        this.rich = true;
        return value;
      case "object":
        this.bytes += objectBytes;
        return value === null ? value : this.#object(value, path, depth);
      default:
        throw refused(`a ${typeof value}`, path);
    }
  }

  #object(value: object, path: string, depth: number): unknown {
    if (depth > maxDepth) throw refused(`a circle, or more than ${maxDepth} levels`, path);
    if (Array.isArray(value) && classOf(value) === "Array") {
      return this.#array(value as unknown[], path, depth);
    }
    if (isPlain(value)) return this.#plain(value, path, depth);
    const copy = copySpecial(value, (item) => this.copy(item, `${path}[…]`, depth + 1));
    if (copy === undefined) throw refused(`an instance of ${classOf(value) ?? "a class"}`, path);
    this.rich = true;
    if (ArrayBuffer.isView(copy) || types.isArrayBuffer(copy)) this.bytes += copy.byteLength;
    return copy;
  }

  #array(value: readonly unknown[], path: string, depth: number): unknown[] {
    const copy: unknown[] = [];
    for (let at = 0; at < value.length; at++) {
      if (!(at in value)) throw refused("a hole in an array", `${path}[${at}]`);
      copy.push(this.copy(value[at], `${path}[${at}]`, depth + 1));
    }
    return copy;
  }

  #plain(value: Record<string, unknown>, path: string, depth: number): unknown {
    if (Object.getPrototypeOf(value) === null) this.rich = true;
    if (Object.getOwnPropertySymbols(value).length > 0) throw refused("a symbol as a key", path);
    const copy = ownCopy(value);
    for (const key of Object.keys(copy)) {
      this.bytes += 2 * key.length + slotBytes;
      copy[key] = this.copy(copy[key], path === "" ? key : `${path}.${key}`, depth + 1);
    }
    return copy;
  }
}

function refused(what: string, path: string): UnsupportedValueError {
  const where = path === "" ? "the value" : path.slice(0, 200);
  return new UnsupportedValueError(
    `a cache keeps plain data, Date, Map, Set, BigInt, RegExp, URL and bytes; ${where} is ${what}`,
    { details: { path: path.slice(0, 200) } },
  );
}
