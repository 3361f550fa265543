/**
 * Checks an option that counts something.
 *
 * @throws RangeError when it is not a whole number from `least` upwards; `Infinity` counts as one.
 */
export function wholeNumber(value: number, name: string, least = 1): number {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return value;
  throw new RangeError(`${name} must be a whole number >= ${least}, got ${String(value)}`);
}
