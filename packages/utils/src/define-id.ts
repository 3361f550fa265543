import { isBase32 } from "./base32.js";
import type { IdSources } from "./time-ordered-sequence.js";
import { base32Sequence } from "./ulid.js";

/** An id that says what it is of: `user_01jd…`. */
export type PrefixedId<P extends string> = `${P}_${string}`;

/** One kind of prefixed id. */
export interface IdKind<P extends string> {
  readonly prefix: P;
  /** A new one; sorts by the time of its making, within this process strictly. */
  readonly next: () => PrefixedId<P>;
  /** Whether a value is an id of this kind. */
  readonly is: (value: unknown) => value is PrefixedId<P>;
}

/**
 * Defines a kind of id whose type tells it from other kinds: `const userId = defineId("user"); userId.next()`.
 *
 * @throws RangeError when the prefix is not 1 to 32 small letters, digits and inner underscores, beginning with a letter.
 */
export function defineId<const P extends string>(prefix: P, sources: IdSources = {}): IdKind<P> {
  if (!/^[a-z](?:[a-z0-9_]{0,30}[a-z0-9])?$/.test(prefix)) {
    throw new RangeError(
      `defineId: prefix must be 1 to 32 small letters, digits and inner underscores, got ${JSON.stringify(prefix)}`,
    );
  }
  const next = base32Sequence(sources);
  const start = `${prefix}_`;
  return {
    prefix,
    next: () => `${prefix}_${next()}`,
    is: (value): value is PrefixedId<P> =>
      typeof value === "string" && value.startsWith(start) && isBase32(value.slice(start.length)),
  };
}
