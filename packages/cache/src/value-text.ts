import { types } from "node:util";

import { classOf, isPlain } from "./snapshot.js";

/**
 * What JSON can't say is written as an object with the one property `$`: `{"$":["Date",0]}`. A plain object that has a `$`
 * of its own is written as one of these, too.
 */
type Marked = { readonly $: readonly [kind: string, ...parts: unknown[]] };

const numbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

type TypedArray = { new (buffer: ArrayBuffer): ArrayBufferView };

const views: Readonly<Record<string, TypedArray>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

/** A snapshot's value as text; `rich` as the snapshot says. */
export function toText(value: unknown, rich: boolean): string {
  return JSON.stringify(rich ? marked(value) : value);
}

/** The value of a text. @throws an error of any kind when the text is none of ours. */
export function fromText(text: string, rich: boolean): unknown {
  const value: unknown = JSON.parse(text);
  return rich ? revived(value) : value;
}

function mark(kind: string, ...parts: readonly unknown[]): Marked {
  return { $: [kind, ...parts] };
}

function marked(value: unknown): unknown {
  switch (typeof value) {
    case "undefined":
      return mark("undefined");
    case "bigint":
      return mark("bigint", value.toString());
    case "number":
      if (Object.is(value, -0)) return mark("number", "-0");
      return Number.isFinite(value) ? value : mark("number", String(value));
    case "object":
      return value === null ? value : markedObject(value);
    default:
      return value;
  }
}

function markedObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(marked);
  if (isPlain(value)) {
    const object: Record<string, unknown> = { ...value };
    for (const key of Object.keys(object)) object[key] = marked(object[key]);
    if (Object.getPrototypeOf(value) === null) return mark("null", object);
    return "$" in object ? mark("object", object) : object;
  }
  if (types.isDate(value)) {
    const time = value.getTime();
    return mark("Date", Number.isNaN(time) ? null : time);
  }
  if (types.isMap(value)) {
    return mark(
      "Map",
      Array.from(value, ([key, item]) => [marked(key), marked(item)]),
    );
  }
  if (types.isSet(value)) return mark("Set", Array.from(value, marked));
  if (types.isRegExp(value)) return mark("RegExp", value.source, value.flags);
  if (value instanceof URL) return mark("URL", value.href);
  if (types.isArrayBuffer(value)) return mark("ArrayBuffer", base64(new Uint8Array(value)));
  const bytes = value as Uint8Array;
  return mark(Buffer.isBuffer(bytes) ? "Buffer" : classOf(bytes)!, base64(bytes));
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64");
}

function revived(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = revived(value[at]);
    return value;
  }
  if (Object.hasOwn(value, "$")) return unmarked((value as Marked).$);
  return revivedProperties(value);
}

function revivedProperties(value: object): object {
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) object[key] = revived(object[key]);
  return object;
}

function unmarked([kind, ...parts]: Marked["$"]): unknown {
  const [first, second] = parts;
  switch (kind) {
    case "undefined":
      return undefined;
    case "number":
      return numbers[first as string];
    case "bigint":
      return BigInt(first as string);
    case "null":
      return Object.assign(Object.create(null) as object, revivedProperties(first as object));
    case "object":
      return revivedProperties(first as object);
    case "Date":
      return new Date((first as number | null) ?? Number.NaN);
    case "Map":
      return new Map(revived(first) as [unknown, unknown][]);
    case "Set":
      return new Set(revived(first) as unknown[]);
    case "RegExp":
      return new RegExp(first as string, second as string);
    case "URL":
      return new URL(first as string);
    case "Buffer":
      return Buffer.from(first as string, "base64");
  }
  const { buffer, byteOffset, byteLength } = Buffer.from(first as string, "base64");
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  if (kind === "ArrayBuffer") return bytes;
  const View = views[kind];
  if (!View) throw new TypeError(`no value is called ${JSON.stringify(kind)}`);
  return new View(bytes);
}
