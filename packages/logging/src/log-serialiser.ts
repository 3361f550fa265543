import { isError, serialiseError } from "@infra/errors";
import { Secret } from "@infra/interfaces";

import { jsonText } from "./json-text.js";
import { redacted, type Positions, type Redaction } from "./redaction.js";

const maxDepth = 8;
const maxItems = 1000;
const maxTextLength = 32_768;
/** How many values one line may hold. */
const maxValues = 10_000;
const maxKnownKeys = 5000;
const maxKnownKeyLength = 200;
/** Keys that every line has for itself: in a caller's fields they get an underscore in front. */
const reserved: ReadonlySet<string> = new Set(["timestamp", "level", "category", "message"]);
const redactedJson = `"${redacted}"`;
const unreadable = '"[unreadable]"';

interface Key {
  readonly json: string;
  readonly topJson: string;
  readonly hidden: boolean;
}

/**
 * Turns what a caller logs into JSON, once, redacted. Never throws: circular references, BigInt, throwing getters and
 * values without a JSON form become words in their place; too deep, too long or too many are cut.
 */
export class LogSerialiser {
  readonly #redaction: Redaction;
  readonly #keys = new Map<string, Key>();
  readonly #above: object[] = [];
  #values = 0;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  /** The fields of an object as JSON with a comma in front of each: `,"a":1,"b":2`; empty when there are none. */
  fields(object: object): string {
    this.#values = 0;
    this.#above.length = 0;
    return this.#members(object, this.#redaction.start, true);
  }

  /** A text as JSON, redacted by pattern. */
  text(text: string): string {
    // a secret at the cut has to be seen whole to be recognised
    const clean = this.#redaction.clean(text.slice(0, 2 * maxTextLength));
    if (text.length <= maxTextLength) return jsonText(clean);
    return jsonText(
      `${clean.slice(0, maxTextLength)}… [${text.length - maxTextLength} more characters]`,
    );
  }

  #value(value: unknown, positions: Positions): string | undefined {
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "number":
        return Number.isFinite(value) ? String(value) : `"${value}"`;
      case "boolean":
        return value ? "true" : "false";
      case "undefined":
        return undefined;
      case "bigint":
        return `"${value}n"`;
      case "function":
        return jsonText(`[function ${value.name || "anonymous"}]`);
      case "symbol":
        return jsonText(String(value));
      default:
        return value === null ? "null" : this.#object(value as object, positions);
    }
  }

  #object(value: object, positions: Positions): string | undefined {
    if (this.#above.includes(value)) return '"[circular]"';
    if (this.#above.length >= maxDepth) return '"[too deep]"';
    if (this.#values >= maxValues) return '"[too many values]"';
    this.#above.push(value);
    try {
      return this.#inside(value, positions);
    } catch {
      return unreadable;
    } finally {
      this.#above.pop();
    }
  }

  #inside(value: object, positions: Positions): string | undefined {
    if (Array.isArray(value)) return this.#list(value, positions);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#plain(value, positions);
    if (isError(value)) return this.#plain(serialiseError(value), positions);
    if (Secret.is(value)) return '"[secret]"';
    if (value instanceof Date && Number.isNaN(value.getTime())) return '"[invalid date]"';
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `"[${value.constructor.name} ${value.byteLength} bytes]"`;
    }
    if (value instanceof Map) {
      return this.#plain(
        Object.fromEntries([...value].slice(0, maxItems).map(([key, each]) => [nameOf(key), each])),
        positions,
      );
    }
    if (value instanceof Set) return this.#list([...value], positions);
    return this.#plain(value, positions);
  }

  #plain(value: object, positions: Positions): string | undefined {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") {
      const replaced: unknown = toJSON.call(value);
      if (replaced !== value) return this.#value(replaced, positions);
    }
    const members = this.#members(value, positions, false);
    return `{${members.slice(1)}}`;
  }

  #list(list: readonly unknown[], positions: Positions): string {
    const length = Math.min(list.length, maxItems);
    this.#values += length;
    let json = "";
    for (let at = 0; at < length; at++) {
      const below = positions && this.#redaction.step(positions, String(at));
      const item = below === true ? redactedJson : (this.#value(list[at], below) ?? "null");
      json += json === "" ? item : `,${item}`;
    }
    return list.length > length ? `[${json},"[${list.length - length} more]"]` : `[${json}]`;
  }

  #members(object: object, positions: Positions, isTop: boolean): string {
    let json = "";
    const keys = Object.keys(object);
    const length = Math.min(keys.length, maxItems);
    this.#values += length;
    for (let at = 0; at < length; at++) {
      const name = keys[at]!;
      const key = this.#keys.get(name) ?? this.#learn(name);
      const below = positions && this.#redaction.step(positions, name);
      const value =
        key.hidden || below === true
          ? this.#hidden(object, name)
          : this.#member(object, name, below);
      if (value !== undefined) json += isTop ? key.topJson + value : key.json + value;
    }
    return keys.length > length ? `${json},"…":"[${keys.length - length} more]"` : json;
  }

  #member(object: object, name: string, positions: Positions): string | undefined {
    try {
      return this.#value((object as Record<string, unknown>)[name], positions);
    } catch {
      return unreadable;
    }
  }

  /** A secret that is not there needs no mention. */
  #hidden(object: object, name: string): string | undefined {
    try {
      return (object as Record<string, unknown>)[name] === undefined ? undefined : redactedJson;
    } catch {
      return redactedJson;
    }
  }

  #learn(name: string): Key {
    if (this.#keys.size >= maxKnownKeys) this.#keys.clear();
    const key = {
      json: `,${jsonText(name)}:`,
      topJson: `,${jsonText(reserved.has(name) ? `_${name}` : name)}:`,
      hidden: this.#redaction.hidesName(name),
    };
    if (name.length <= maxKnownKeyLength) this.#keys.set(name, key);
    return key;
  }
}

function nameOf(key: unknown): string {
  return typeof key === "object" && key !== null ? "[object]" : String(key);
}
