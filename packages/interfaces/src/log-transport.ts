import type { Duration } from "./duration.js";
import type { LogLevel, LogMeta } from "./logger.js";

/** One line, as transports see it: clean, redacted, and theirs to keep. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** Plain JSON: what stood beside the message, the child loggers' and the context's fields; errors are objects. */
  readonly meta: LogMeta;
  readonly timestamp: Date;
  /** The part of the program that speaks; `undefined` for the root. */
  readonly category?: string;
  /** The whole as one line of JSON, without a line break. */
  readonly line: string;
}

/** Where lines go. What it throws or rejects with is reported once on stderr, and never reaches the one who logs. */
export interface LogTransport {
  /** What statistics and reports call it. @default the name of its class */
  readonly name?: string;
  /** The least urgent level it wants. @default every line that the logger lets through */
  readonly level?: LogLevel;
  /**
   * Takes a line. While a returned promise is pending, further lines wait in a bounded queue; beyond it they are dropped
   * and counted. What it logs itself does not come back to it.
   */
  log(entry: LogEntry): void | Promise<void>;
  /** Called in place of `log` where it is there: up to `batchSize` lines at once, the oldest first. */
  logBatch?(entries: readonly LogEntry[]): void | Promise<void>;
  /** How many lines `logBatch` takes at once. @default 1 */
  readonly batchSize?: number;
  /** How long lines wait for others to make up a batch. @default 0 */
  readonly batchDelay?: Duration;
  /** Called in place of `log` where it is there: the JSON line alone, synchronously, as fast as can be. */
  writeLine?(line: string): void;
  /** Resolves when all that it took has arrived. */
  flush?(): void | Promise<void>;
  /** Lets go of what it holds, after `flush`. */
  close?(): void | Promise<void>;
}
