/**
 * What a table has for a unit.
 *
 * @throws RangeError when it has none.
 */
export function unitOf<T>(table: Readonly<Record<string, T>>, unit: string, caller: string): T {
  if (Object.hasOwn(table, unit)) return table[unit]!;
  throw new RangeError(
    `${caller}: unit must be one of ${Object.keys(table).join(", ")}, got ${JSON.stringify(unit)}`,
  );
}
