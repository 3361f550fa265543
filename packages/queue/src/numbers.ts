/**
 * Checks an option that counts something; `Infinity` counts when it is the most.
 *
 * @throws RangeError naming the option, what was expected and what was received.
 */
export function wholeNumber(value: number, name: string, least: number, most = Infinity): number {
  if (value >= least && value <= most && (Number.isInteger(value) || value === Infinity)) {
    return value;
  }
  const range = most === Infinity ? `>= ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${name} must be a whole number ${range}, got ${String(value)}`);
}

/** @throws RangeError naming the option when it is not above 0. */
export function positive(value: number, name: string): number {
  if (value > 0) return value;
  throw new RangeError(`${name} must be above 0, got ${String(value)}`);
}
