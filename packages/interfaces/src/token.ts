import { received } from "./received.js";

/**
 * Names something that can be injected, and carries its type: `token<Cache>("cache")`.
 * The id is made with `Symbol.for`, so two copies of this package agree on it.
 */
export interface Token<T> {
  /** `Symbol.for("infra.<name>")`. */
  readonly id: symbol;
  /** What error messages, graphs and reports call it. */
  readonly name: string;
  /** Carries the type; never set. */
  readonly type?: T;
}

/**
 * Makes a token. Two calls with one name make equal tokens, so an application's own names should have a prefix:
 * `token<Notes>("notes.repository")`.
 *
 * @throws TypeError when the name is empty.
 */
/* @__NO_SIDE_EFFECTS__ */
export function token<T>(name: string): Token<T> {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`token: name must be a non-empty string, got ${received(name)}`);
  }
  return Object.freeze({ id: Symbol.for(`infra.${name}`), name });
}
