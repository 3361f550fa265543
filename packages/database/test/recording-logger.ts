import type { Logger, LogMeta } from "@infra/interfaces";

/** A logger that keeps what it is told: `warn slow query`, and the meta of each line. */
export function recordingLogger(): {
  readonly logger: Logger;
  readonly lines: string[];
  readonly metas: LogMeta[];
} {
  const lines: string[] = [];
  const metas: LogMeta[] = [];
  const write =
    (level: string) =>
    (message: string, meta: LogMeta = {}): void => {
      lines.push(`${level} ${message}`);
      metas.push(meta);
    };
  const logger: Logger = {
    fatal: write("fatal"),
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    isEnabled: () => true,
    child: () => logger,
  };
  return { logger, lines, metas };
}
