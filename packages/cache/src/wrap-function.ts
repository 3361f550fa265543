import { createHash } from "node:crypto";

import type { CacheNamespace } from "./cache-namespace.js";
import type { GetOrSetOptions } from "./cache-options.js";
import { takeSnapshot } from "./snapshot.js";
import { toText } from "./value-text.js";

/** Options of `cache.wrap()`. */
export interface WrapOptions<Args extends readonly unknown[]> extends Omit<
  GetOrSetOptions,
  "tags" | "signal"
> {
  /** The key of a call's arguments. @default what they say, whichever the order of their properties */
  readonly key?: (...args: Args) => string;
  /** The tags of a call's result. */
  readonly tags?: (...args: Args) => readonly string[];
}

/** A function that remembers. */
export interface Wrapped<Args extends readonly unknown[], T> {
  (...args: Args): Promise<T>;
  /** Forgets the result for these arguments; whether there was one. */
  forget(...args: Args): Promise<boolean>;
  /** Forgets all results. */
  clear(): Promise<void>;
}

const longestKey = 200;

/** Makes a function remember its results; a namespace of its own is asked for. */
export function wrapFunction<Args extends readonly unknown[], T>(
  cache: CacheNamespace,
  work: (...args: Args) => T | Promise<T>,
  options: WrapOptions<Args>,
): Wrapped<Args, T> {
  const { key = keyOfArguments, tags, ...values } = options;
  const wrapped = async (...args: Args): Promise<T> =>
    cache.getOrSet<T>(key(...args), async () => work(...args), {
      ...values,
      ...(tags && { tags: tags(...args) }),
    });
  return Object.assign(wrapped, {
    forget: async (...args: Args) => cache.delete(key(...args)),
    clear: () => cache.clear(),
  });
}

/** @throws UnsupportedValueError when an argument is a function or the like: then a `key` has to be given. */
function keyOfArguments(...args: readonly unknown[]): string {
  const { value } = takeSnapshot(args);
  const text = toText(sorted(value), true);
  return text.length <= longestKey ? text : createHash("sha256").update(text).digest("base64url");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
