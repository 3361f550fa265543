/** What a number may be. */
export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  /** @default true */
  readonly whole?: boolean;
}

/**
 * A number within its range.
 *
 * @throws RangeError naming the argument and the value.
 */
export function checkNumber(value: number, name: string, range: NumberRange): number {
  const { least, most = Infinity, whole = true } = range;
  const fits = typeof value === "number" && value >= least && value <= most;
  if (fits && (!whole || value === Infinity || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  const bounds = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  const got = typeof value === "number" ? String(value) : JSON.stringify(value);
  throw new RangeError(`${name} must be ${kind} ${bounds}, got ${got}`);
}

/**
 * One of a few words.
 *
 * @throws RangeError naming the argument, the value and the words.
 */
export function checkWord<W extends string>(value: unknown, name: string, words: readonly W[]): W {
  if (words.includes(value as W)) return value as W;
  const known = words.map((word) => `"${word}"`).join(", ");
  throw new RangeError(`${name} must be one of ${known}; got ${JSON.stringify(value)}`);
}
