const maxLength = 2_000;

/** A statement fit to be shown: literals in it become `?`, and it ends after 2,000 characters. */
export function redactSql(sql: string): string {
  const masked = sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'/g, "'?'");
  return masked.length > maxLength ? `${masked.slice(0, maxLength)} …` : masked;
}

/** What kinds of values were bound, and how large, without the values. */
export function redactBindings(bindings: readonly unknown[]): readonly string[] {
  return bindings.map((value) => {
    if (value === null) return "null";
    if (typeof value === "string") return `string(${value.length})`;
    if (value instanceof Uint8Array) return `bytes(${value.byteLength})`;
    if (Array.isArray(value)) return `array(${value.length})`;
    if (value instanceof Date) return "date";
    return typeof value;
  });
}
