const mistakes = new Set(["TypeError", "RangeError", "ReferenceError", "SyntaxError"]);

/**
 * Whether the same call may succeed later. An error that says so itself (`retryable`) is believed; an abort and a
 * programmer's mistake are not worth another try; anything else may be. A `TypeError` with a cause is no mistake: that is
 * how `fetch` reports a broken connection.
 */
export function isRetryable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return true;
  if ("retryable" in error && typeof error.retryable === "boolean") return error.retryable;
  const name = "name" in error ? String(error.name) : "";
  if (name === "AbortError") return false;
  return !mistakes.has(name) || "cause" in error;
}

/** How long an error asks to wait, in milliseconds: its `retryAfterMs`, or that of its `details`. */
export function retryAfterMsOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { retryAfterMs, details } = error as { retryAfterMs?: unknown; details?: unknown };
  const asked = retryAfterMs ?? (details as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  return typeof asked === "number" && asked >= 0 ? asked : undefined;
}
