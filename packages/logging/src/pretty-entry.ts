import type { LogLevel, LogEntry } from "@infra/interfaces";

import { visibleText } from "./json-text.js";
import { errorLines, isErrorLike } from "./pretty-error.js";

const codes: Readonly<Record<LogLevel, number>> = {
  fatal: 35,
  error: 31,
  warn: 33,
  info: 32,
  debug: 36,
  trace: 90,
};
const dim = 2;
const bold = 1;
const widestCategory = 16;

/** Makes a function that shows entries to a person: aligned, an error with its stack and causes below its line. */
export function prettyPrinter(coloured: boolean): (entry: LogEntry) => string {
  const paint = (code: number, text: string): string =>
    coloured && text !== "" ? `\u001B[${code}m${text}\u001B[0m` : text;
  let categoryWidth = 0;

  return ({ timestamp, level, category = "", message, meta }) => {
    const name = visibleText(category);
    categoryWidth = Math.min(widestCategory, Math.max(categoryWidth, name.length));
    const fields: string[] = [];
    const below: string[] = [];
    for (const [key, value] of Object.entries(meta)) {
      if (isErrorLike(value)) below.push(...errorLines(value, visibleText(key), paint));
      else fields.push(`${paint(dim, `${visibleText(key)}=`)}${visibleText(shown(value))}`);
    }
    const urgent = level === "error" || level === "fatal";
    const head = [
      paint(dim, clockTime(timestamp)),
      paint(codes[level], level.toUpperCase().padEnd(5)),
      ...(categoryWidth > 0 ? [paint(dim, name.padEnd(categoryWidth))] : []),
      urgent ? paint(bold, visibleText(message)) : visibleText(message),
    ].join(" ");
    const first = fields.length > 0 ? `${head}  ${fields.join(" ")}` : head;
    return [first, ...below].join("\n");
  };
}

function clockTime(time: Date): string {
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const seconds = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${seconds}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** A text without spaces as it is, anything else as JSON. */
function shown(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
