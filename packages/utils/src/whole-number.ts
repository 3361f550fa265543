/**
 * Checks a count.
 *
 * @throws RangeError when it is not a whole number from `least` upwards.
 */
export function wholeNumber(value: number, name: string, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`${name} must be a whole number >= ${least}, got ${String(value)}`);
}
