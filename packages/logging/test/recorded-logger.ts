import {
  LoggerService,
  LogRecorder,
  type LoggerDependencies,
  type LoggerOptions,
} from "../src/index.js";

/** A logger that writes nothing to the console, what keeps its entries, and those in words: `level category message`. */
export function recordedLogger(
  options: LoggerOptions = {},
  deps: LoggerDependencies = {},
): {
  readonly logger: LoggerService;
  readonly recorder: LogRecorder;
  readonly lines: () => readonly string[];
} {
  const recorder = new LogRecorder();
  const transports = [recorder, ...(options.transports ?? [])];
  const logger = new LoggerService({ console: false, ...options, transports }, deps);
  const lines = (): readonly string[] =>
    recorder.entries.map(({ level, category, message }) => `${level} ${category} ${message}`);
  return { logger, recorder, lines };
}
