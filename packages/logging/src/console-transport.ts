import { isatty } from "node:tty";

import type { LogLevel, LogEntry, LogTransport } from "@infra/interfaces";

import { FdWriter } from "./fd-writer.js";
import { prettyPrinter } from "./pretty-entry.js";

/** How lines look: `auto` is pretty in a terminal, JSON everywhere else. */
export type LogFormat = "auto" | "pretty" | "json";

/** Options of {@link ConsoleTransport}. */
export interface ConsoleTransportOptions {
  /** @default "auto" */
  readonly format?: LogFormat;
  /** The least urgent level it takes. @default every line that the logger lets through */
  readonly level?: LogLevel;
  /** The file descriptor: 1 is stdout, 2 is stderr. @default 1 */
  readonly fd?: number;
}

/**
 * Writes to the standard output, at once: a line that was logged is out, also when the process ends in the next
 * statement. Colours in a terminal; NO_COLOR and FORCE_COLOR decide otherwise.
 */
export class ConsoleTransport implements LogTransport {
  readonly name: string = "console";
  readonly level: LogLevel;
  /** There in JSON, where the finished line is all that is needed. */
  readonly writeLine?: (line: string) => void;
  readonly #writer: FdWriter;
  readonly #print: (entry: LogEntry) => string;

  constructor(options: ConsoleTransportOptions = {}) {
    const { format = "auto", fd = 1 } = options;
    if (!["auto", "pretty", "json"].includes(format)) {
      throw new RangeError(
        `ConsoleTransport: format must be auto, pretty or json; got ${JSON.stringify(format)}`,
      );
    }
    this.level = options.level ?? "trace";
    const writer = new FdWriter(fd);
    this.#writer = writer;
    this.#print = prettyPrinter(wantsColour(fd));
    if (format === "json" || (format === "auto" && !isatty(fd))) {
      this.writeLine = (line) => writer.write(`${line}\n`);
    }
  }

  log(entry: LogEntry): void {
    if (this.writeLine) this.writeLine(entry.line);
    else this.#writer.write(`${this.#print(entry)}\n`);
  }
}

function wantsColour(fd: number): boolean {
  const forced = process.env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return !process.env["NO_COLOR"] && isatty(fd);
}
