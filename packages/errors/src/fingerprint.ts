import { read, textOf } from "./plain-json.js";
import { isError } from "./to-error.js";

const maxCauses = 8;

/**
 * What tells one kind of failure from another: the names and codes of the error and its causes, and the places in the
 * program that it came through. The message counts only without a stack, and then without its numbers, ids and quotes, so
 * that `user 7 not found` and `user 8 not found` are one.
 */
export function fingerprint(error: unknown): string {
  const parts: string[] = [];
  let at = error;
  for (let n = 0; n < maxCauses && isError(at); n += 1) {
    const stack = read(at, "stack");
    const frames = typeof stack === "string" ? framesOf(stack) : "";
    const code = textOf(read(at, "code") ?? "");
    parts.push(textOf(read(at, "name")), code, frames || generalised(textOf(read(at, "message"))));
    at = read(at, "cause");
  }
  if (parts.length === 0) parts.push(generalised(textOf(error)));
  return parts.join("\n");
}

/** The first places of a stack, the program's own before Node.js's. */
function framesOf(stack: string): string {
  const all = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const own = all.filter((line) => !line.includes("node:internal"));
  return (own.length > 0 ? own : all).slice(0, 3).join("\n");
}

function generalised(message: string): string {
  return message
    .slice(0, 500)
    .replaceAll(/"[^"]*"|'[^']*'/g, '"…"')
    .replaceAll(/\b[0-9a-f-]*\d[0-9a-f-]*\b/gi, "…");
}
