import { LoggerService, LogRecorder, type LoggerOptions } from "../src/index.js";

/** A logger that writes nothing to the console, and what keeps its entries. */
export function recordedLogger(options: LoggerOptions = {}): {
  readonly logger: LoggerService;
  readonly recorder: LogRecorder;
} {
  const recorder = new LogRecorder();
  const transports = [recorder, ...(options.transports ?? [])];
  return { logger: new LoggerService({ console: false, ...options, transports }), recorder };
}
