import { silentLogger, type Logger, type LogLevel, type LogMeta } from "@infra/interfaces";

/** A logger that keeps its lines. */
export function memoryLogger() {
  const lines: { level: LogLevel; message: string; meta: LogMeta | undefined }[] = [];
  const at = (level: LogLevel) => (message: string, meta?: LogMeta) => {
    lines.push({ level, message, meta });
  };
  const logger: Logger = {
    ...silentLogger,
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    isEnabled: (level) => level !== "trace",
  };
  return { logger, lines };
}
