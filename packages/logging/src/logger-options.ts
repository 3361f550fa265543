import type { ByteSize, Clock, Duration, LogTransport } from "@infra/interfaces";

import type { LogFormat } from "./console-transport.js";
import type { LogThreshold } from "./log-threshold.js";
import type { QueueOptions, WhenFull } from "./transport-slot.js";
import type { WinstonTransport } from "./winston-bridge.js";

/** Options of `LoggerService`. */
export interface LoggerOptions {
  /** The least urgent level that is logged. @default "info" */
  readonly level?: LogThreshold;
  /** Levels of categories: `["database=debug", "http.access=warn"]`. @default none */
  readonly levels?: readonly string[];
  /** How lines on the console look. @default "auto" */
  readonly format?: LogFormat;
  /** Whether lines go to the standard output. @default true */
  readonly console?: boolean;
  /** A file that lines are appended to, as JSON. @default none */
  readonly file?: string;
  /** The file is put aside before it grows beyond this. @default "100mb" */
  readonly maxFileSize?: ByteSize;
  /** How many files that were put aside are kept. @default 5 */
  readonly maxFiles?: number;
  /** Files that were put aside are removed when they are older than this. @default Infinity */
  readonly maxFileAge?: Duration;
  /**
   * The share of lines less urgent than a warning that is written, by category: `["http.access=0.1", "*=0.5"]`. Of one
   * request (`traceId` or `requestId` of the context) all are written or none. @default all
   */
  readonly sampling?: readonly string[];
  /** How many lines each category may write in a second; how many were too many is told afterwards. @default Infinity */
  readonly maxPerSecond?: number;
  /** Paths that are never shown, besides those that hold secrets everywhere. @default none */
  readonly redact?: readonly string[];
  /** Texts that are never shown, besides tokens, card numbers and passwords in URLs. @default none */
  readonly redactPatterns?: readonly RegExp[];
  /** Further places that lines go to. @default none */
  readonly transports?: readonly (LogTransport | WinstonTransport)[];
  /** How many lines may wait for one slow transport. @default 10000 */
  readonly maxQueued?: number;
  /**
   * What becomes of lines beyond `maxQueued`. `drop` counts and forgets them. With `block` they wait too, up to ten times
   * as many, and `await logger.ready()` holds up who logs much: a call that is not awaited can't wait itself, because
   * the transport works only after it has returned. @default "drop"
   */
  readonly whenFull?: WhenFull;
  /** Told, once for each transport, that it fails. @default a line on stderr */
  readonly onTransportError?: (transport: string, error: unknown) => void;
  /** How long `flush()` and `stop()` wait for transports. @default "5s" */
  readonly drainTimeout?: Duration;
}

/** Collaborators of `LoggerService`. */
export interface LoggerDependencies {
  readonly clock?: Clock;
  /** A number from 0 to 1, for sampling. @default Math.random */
  readonly random?: () => number;
}

/** @throws RangeError when one of them is wrong. */
export function checkedQueues(queues: QueueOptions): QueueOptions {
  const { maxQueued, whenFull } = queues;
  if (!Number.isInteger(maxQueued) || maxQueued < 1) {
    throw new RangeError(
      `LoggerService: maxQueued must be a whole number from 1, got ${String(maxQueued)}`,
    );
  }
  if (whenFull !== "drop" && whenFull !== "block") {
    throw new RangeError(
      `LoggerService: whenFull must be drop or block; got ${JSON.stringify(whenFull)}`,
    );
  }
  return queues;
}
