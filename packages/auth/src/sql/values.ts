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

/** JSON in nothing but ASCII: a database whose character set is another one keeps it as well. */
export function textOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
