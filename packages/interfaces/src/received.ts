/** What was received in place of what was expected, for an error message: text and numbers as they are, else the type. */
export function received(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? String(value) : typeof value;
}
