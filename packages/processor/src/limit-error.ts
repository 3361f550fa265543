import { LimitExceededError } from "./errors.js";

/** What a limit is called, what it allows, and what there was. */
export interface LimitBroken {
  /** What was too large, as the beginning of a sentence: `"the image"`. */
  readonly what: string;
  /** The option. */
  readonly limit: string;
  readonly allowed: number;
  /** Unknown for a stream, which is not read to its end. */
  readonly found?: number | undefined;
  /** @default "bytes" */
  readonly unit?: string | undefined;
}

/** The error of a limit that is broken. */
export function limitError({ what, limit, allowed, found, unit = "bytes" }: LimitBroken): Error {
  const has = found === undefined ? `has more than ${allowed} ${unit}` : `has ${found} ${unit}`;
  const may = found === undefined ? "" : `, at most ${allowed} are allowed`;
  return new LimitExceededError(`${what} ${has}${may} (${limit})`, {
    details: { limit, allowed, ...(found !== undefined && { found }) },
  });
}
