/** A number of the database: drivers give large ones as text. */
export function numberOf(value: unknown): number {
  return Number(value);
}

/** A number that may be missing. */
export function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** The JSON of a column. */
export function jsonOf<T>(value: unknown): T {
  return JSON.parse(String(value)) as T;
}
