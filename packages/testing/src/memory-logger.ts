import type { Logger, LogLevel, LogMeta } from "@infra/interfaces";

/** A line that a {@link MemoryLogger} has kept. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
  /** What stood beside it, that of the child loggers included; not copied. */
  readonly meta: LogMeta;
}

const levels: readonly LogLevel[] = ["fatal", "error", "warn", "info", "debug", "trace"];

/** A logger that keeps its lines, and those of its children, for tests that look. */
export class MemoryLogger implements Logger {
  #lines: LoggedLine[] = [];
  #meta: LogMeta = {};
  readonly #least: number;

  /** Keeps lines of `level`, by default "trace", and what is more urgent. */
  constructor({ level = "trace" }: { readonly level?: LogLevel } = {}) {
    this.#least = levels.indexOf(level);
    if (this.#least < 0) {
      throw new TypeError(`MemoryLogger: level must be one of ${levels.join(", ")}, got ${level}`);
    }
  }

  /** What was logged, the oldest first. */
  get lines(): readonly LoggedLine[] {
    return this.#lines;
  }

  /** The messages of a level. */
  messages(level: LogLevel): readonly string[] {
    return this.#lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  /** Forgets the lines, also the children's. */
  clear(): void {
    this.#lines.length = 0;
  }

  isEnabled(level: LogLevel): boolean {
    return levels.indexOf(level) <= this.#least;
  }

  child(meta: LogMeta): MemoryLogger {
    const child = new MemoryLogger({ level: levels[this.#least]! });
    child.#lines = this.#lines;
    child.#meta = { ...this.#meta, ...meta };
    return child;
  }

  fatal(message: string, meta?: LogMeta): void {
    this.#keep("fatal", message, meta);
  }

  error(message: string, meta?: LogMeta): void {
    this.#keep("error", message, meta);
  }

  warn(message: string, meta?: LogMeta): void {
    this.#keep("warn", message, meta);
  }

  info(message: string, meta?: LogMeta): void {
    this.#keep("info", message, meta);
  }

  debug(message: string, meta?: LogMeta): void {
    this.#keep("debug", message, meta);
  }

  trace(message: string, meta?: LogMeta): void {
    this.#keep("trace", message, meta);
  }

  #keep(level: LogLevel, message: string, meta: LogMeta = {}): void {
    if (!this.isEnabled(level)) return;
    this.#lines.push({ level, message, meta: { ...this.#meta, ...meta } });
  }
}
