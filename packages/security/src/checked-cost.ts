/**
 * A parameter of a password algorithm.
 *
 * @throws RangeError when it is not a whole number in range.
 */
export function checkedCost(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `${name} must be a whole number from ${least} to ${most}, got ${String(value)}`,
  );
}
