import { inspect } from "node:util";

import type { Token } from "@infra/interfaces";

/** A class, also an abstract one: it can be asked for, though only a concrete one can be made. */
export type AnyClass<T = unknown> = abstract new (...args: never[]) => T;

/** What can be bound and asked for: a token or a class. */
export type Bindable<T> = Token<T> | AnyClass<T>;

/** What the tables go by: a class, a token's id, or a name that one of tsyringe's decorators gave. */
export type Key = AnyClass | symbol | string;

/** Whether a value is a token. */
export function isToken(value: unknown): value is Token<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "symbol" &&
    "name" in value
  );
}

/**
 * The key of what was asked for.
 *
 * @param argument - what the value is called in the error message.
 * @throws TypeError when it is neither a token nor a class.
 */
export function keyOf(what: Bindable<unknown>, argument: string): Key {
  if (typeof what === "function") return what;
  if (isToken(what)) return what.id;
  throw new TypeError(
    `${argument} must be a token or a class, got ${inspect(what, { depth: 0 })}${
      what === undefined ? ": modules that import each other need lazy(() => …)" : ""
    }`,
  );
}

/** The keys that a binding answers to: a class's own, and that of the token that it provides. */
export function keysOf(what: Bindable<unknown>, argument: string): readonly Key[] {
  const key = keyOf(what, argument);
  const provided = typeof key === "function" ? providedBy(key) : undefined;
  return provided ? [key, provided.id] : [key];
}

/** What messages, graphs and reports call a key. */
export function nameOf(key: Key): string {
  if (typeof key === "function") return key.name || "(anonymous class)";
  const text = typeof key === "symbol" ? (key.description ?? "(unnamed symbol)") : key;
  return text.startsWith("infra.") ? text.slice("infra.".length) : text;
}

/** The token that a class answers to. */
export function providedBy(target: AnyClass): Token<unknown> | undefined {
  const { provides } = target as { provides?: unknown };
  return isToken(provides) ? provides : undefined;
}

/** The key of a second instance of something, bound with `.named(label)`. */
export function namedKey(key: Key, label: string): symbol {
  const base = (typeof key === "function" && providedBy(key)?.name) || nameOf(key);
  return Symbol.for(`infra.${base}.${label}`);
}
