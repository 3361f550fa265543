import type { LogEntry, LogTransport } from "@infra/logging";

import { logLevels, type LogLevelName, type LogLine } from "./contract.js";

/** Lines that wait for the next second at the most; of more than these the oldest are left out. */
const mostWaiting = 100;
const longestText = 1_000;

/** A transport that keeps lines until they are taken: the operators' page shows them. */
export class RecentLogs implements LogTransport {
  readonly name = "admin";
  #waiting: Omit<LogLine, "process">[] = [];
  #count = 0;

  log({ timestamp, level, category = "", message, meta }: LogEntry): void {
    if (this.#waiting.length === mostWaiting) this.#waiting.shift();
    this.#waiting.push({
      id: String((this.#count += 1)),
      at: timestamp.getTime(),
      level: level,
      category,
      message: cut(message),
      meta: Object.keys(meta).length === 0 ? "" : cut(JSON.stringify(meta)),
    });
  }

  /** Hands over what has come since the last call. */
  take(process: { readonly id: string; readonly name: string }): readonly LogLine[] {
    const lines = this.#waiting;
    this.#waiting = [];
    return lines.map((line) =>
      Object.assign(line, { id: `${process.id}:${line.id}`, process: process.name }),
    );
  }
}

/** Which lines are wanted. */
export interface LogQuery {
  /** The least urgent level. */
  readonly level: LogLevelName;
  /** A text that stands anywhere in the line, in whatever case. */
  readonly q: string;
  readonly limit: number;
}

/** The newest lines of those that are wanted, the newest first. */
export function findLines(lines: readonly LogLine[], { level, q, limit }: LogQuery): LogLine[] {
  const least = logLevels.indexOf(level);
  const text = q.toLowerCase();
  const found: LogLine[] = [];
  for (const line of lines.toReversed()) {
    if (found.length === limit) break;
    if (logLevels.indexOf(line.level) > least) continue;
    const whole = `${line.message} ${line.category} ${line.process} ${line.meta}`;
    if (whole.toLowerCase().includes(text)) found.push(line);
  }
  return found;
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
