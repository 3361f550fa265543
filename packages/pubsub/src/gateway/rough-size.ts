/** About what a message takes as JSON, in bytes: enough to bound a buffer by. */
export function roughSize(value: unknown): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) {
    for (const each of value) size += roughSize(each) + 1;
    return size;
  }
  for (const key of Object.keys(value)) {
    size += key.length + 4 + roughSize((value as Record<string, unknown>)[key]);
  }
  return size;
}
