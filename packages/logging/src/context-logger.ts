import type { Logger, LogLevel, LogMeta } from "@infra/interfaces";

import { passingInContext } from "./log-context.js";
import type { LogBinding, LogCore } from "./log-core.js";
import { levelNumbers, thresholdNumber } from "./log-threshold.js";
import { LogTimer, type TimerOptions } from "./log-timer.js";

/** What can be logged: a text, or an error, whose message is the text. */
export type LogMessage = string | Error;

/** What may stand beside it; an error alone becomes the field `error`. */
export type LogFields = LogMeta | Error;

/** A logger with a category and fields of its own: `LoggerService` is the root of them, `child()` makes more. */
export class ContextLogger implements Logger {
  readonly #core: LogCore;
  readonly #binding: LogBinding;
  #version = -1;
  #passing = -1;

  /** Made by `LoggerService` and by `child()`. */
  constructor(core: LogCore, binding: LogBinding) {
    this.#core = core;
    this.#binding = binding;
  }

  fatal(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 0) this.#write(0, message, meta);
  }

  error(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 1) this.#write(1, message, meta);
  }

  warn(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 2) this.#write(2, message, meta);
  }

  info(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 3) this.#write(3, message, meta);
  }

  debug(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 4) this.#write(4, message, meta);
  }

  trace(message: LogMessage, meta?: LogFields): void {
    if (this.#limit() >= 5) this.#write(5, message, meta);
  }

  isEnabled(level: LogLevel): boolean {
    return this.#limit() >= levelNumbers[level];
  }

  /** A logger that adds `meta` to every line; `meta.category` names the part of the program it speaks for. */
  child(meta: LogMeta): ContextLogger {
    return new ContextLogger(this.#core, this.#core.bind(this.#binding, meta));
  }

  /**
   * Starts a clock; `done()` logs how long it took as `elapsedMs`.
   *
   * @throws RangeError when an option is wrong.
   */
  timer(message: string, options: TimerOptions = {}): LogTimer {
    return new LogTimer(this, message, options, this.#core.clock);
  }

  /** The number of the least urgent level that passes. */
  #limit(): number {
    const inContext = passingInContext();
    if (inContext !== undefined) return inContext;
    const { levels } = this.#core;
    if (this.#version !== levels.version) {
      this.#version = levels.version;
      this.#passing = thresholdNumber(levels.get(this.#binding.category), "level");
    }
    return this.#passing;
  }

  #write(level: number, message: LogMessage, meta: LogFields | undefined): void {
    this.#core.write(level, message, this.#binding, meta);
  }
}
