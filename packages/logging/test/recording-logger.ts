import { LoggerService, LogRecorder } from "../src/index.js";

/** A logger down to `debug`, what it was told, and that in words: `level category message`. */
export function recordingLogger(): {
  readonly logger: LoggerService;
  readonly recorder: LogRecorder;
  readonly lines: () => readonly string[];
} {
  const recorder = new LogRecorder();
  const logger = new LoggerService({ console: false, level: "debug", transports: [recorder] });
  const lines = (): readonly string[] =>
    recorder.entries.map(({ level, category, message }) => `${level} ${category} ${message}`);
  return { logger, recorder, lines };
}
