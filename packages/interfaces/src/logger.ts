/** From the most to the least urgent. */
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace";

/** What stands beside the message: plain data, and errors anywhere within it. */
export type LogMeta = Readonly<Record<string, unknown>>;

/**
 * Structured logging. No method throws or waits: a transport that fails is the logger's own concern, never its
 * caller's.
 */
export interface Logger {
  fatal(message: string, meta?: LogMeta): void;
  error(message: string, meta?: LogMeta): void;
  warn(message: string, meta?: LogMeta): void;
  info(message: string, meta?: LogMeta): void;
  debug(message: string, meta?: LogMeta): void;
  trace(message: string, meta?: LogMeta): void;
  /** Whether a line of this level would be written: asks before building an expensive one. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that adds `meta` to every line; `meta.category` names the part of the program it speaks for. */
  child(meta: LogMeta): Logger;
}

const nothing = (): void => {};

/** A logger that writes nothing: the default of every service that was given none. */
export const silentLogger: Logger = {
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  isEnabled: () => false,
  child: () => silentLogger,
};
