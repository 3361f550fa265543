import { visibleText } from "./json-text.js";

const dim = 2;
const red = 31;

/** An error as it stands in the fields of an entry. */
export interface ErrorLike {
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly details?: unknown;
}

/** Whether a field holds an error. */
export function isErrorLike(value: unknown): value is ErrorLike {
  return (
    typeof value === "object" &&
    value !== null &&
    "stack" in value &&
    "name" in value &&
    "message" in value
  );
}

/**
 * An error for a person: what happened, where in the program, and why. Frames of Node.js and of installed packages are
 * counted, not shown, unless there are no others; and so are those of a cause that stand above it already.
 */
export function errorLines(
  error: ErrorLike,
  label: string,
  paint: (code: number, text: string) => string,
  indent = "    ",
  above: readonly string[] = [],
): string[] {
  const code = typeof error.code === "string" ? ` (${error.code})` : "";
  const title = visibleText(`${error.name}: ${error.message}${code}`);
  const lines = [`${indent}${paint(dim, `${label}:`)} ${paint(red, title)}`];
  const inside = `${indent}  `;
  if (typeof error.details === "object" && Object.keys(error.details ?? {}).length > 0) {
    lines.push(`${inside}${paint(dim, "details:")} ${visibleText(JSON.stringify(error.details))}`);
  }
  const frames = framesOf(error);
  lines.push(...shownFrames(frames, above).map((frame) => paint(dim, `${inside}${frame}`)));
  const causes: [string, unknown][] = [
    ["caused by", error.cause],
    ...(Array.isArray(error.errors) ? error.errors : []).map((each): [string, unknown] => [
      "one of",
      each,
    ]),
  ];
  for (const [word, cause] of causes) {
    if (isErrorLike(cause)) lines.push(...errorLines(cause, word, paint, inside, frames));
    else if (cause !== undefined) {
      lines.push(`${inside}${paint(dim, `${word}:`)} ${visibleText(JSON.stringify(cause))}`);
    }
  }
  return lines;
}

function framesOf({ stack }: ErrorLike): readonly string[] {
  return String(stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => visibleText(line.trim()));
}

function shownFrames(frames: readonly string[], above: readonly string[]): readonly string[] {
  const fresh = frames.filter((frame) => !above.includes(frame));
  const own = fresh.filter((frame) => !/[( ](?:async )?node:|[\\/]node_modules[\\/]/.test(frame));
  const shown = own.length > 0 || above.length > 0 ? own : fresh;
  const hidden = frames.length - shown.length;
  return hidden > 0 ? [...shown, `… ${hidden} more`] : shown;
}
