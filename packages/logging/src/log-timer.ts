import {
  toMilliseconds,
  type Clock,
  type Duration,
  type Logger,
  type LogLevel,
  type LogMeta,
} from "@infra/interfaces";

import { levelNumbers } from "./log-threshold.js";

/** Options of `timer()`. */
export interface TimerOptions {
  /** @default "info" */
  readonly level?: LogLevel;
  /** From this long on it is a warning. @default Infinity */
  readonly slow?: Duration;
}

/** A running clock; as `using timer = logger.timer("import")` it is done at the end of the block. */
export class LogTimer {
  readonly #logger: Logger;
  readonly #message: string;
  readonly #level: LogLevel;
  readonly #slowMs: number;
  readonly #clock: Clock;
  readonly #startMs: number;
  #elapsedMs: number | undefined;

  /** Made by `timer()`. */
  constructor(logger: Logger, message: string, options: TimerOptions, clock: Clock) {
    const { level = "info", slow = Infinity } = options;
    if (!Object.hasOwn(levelNumbers, level)) {
      throw new RangeError(
        `timer: level must be one of ${Object.keys(levelNumbers).join(", ")}; got ${JSON.stringify(level)}`,
      );
    }
    this.#logger = logger;
    this.#message = message;
    this.#level = level;
    this.#slowMs = toMilliseconds(slow, "timer: slow");
    this.#clock = clock;
    this.#startMs = clock.monotonic();
  }

  /** Logs how long it took, once, and returns the milliseconds. */
  done(meta: LogMeta = {}): number {
    if (this.#elapsedMs !== undefined) return this.#elapsedMs;
    const elapsedMs = Math.round((this.#clock.monotonic() - this.#startMs) * 1000) / 1000;
    this.#elapsedMs = elapsedMs;
    const isSlow = elapsedMs >= this.#slowMs;
    const level = isSlow && levelNumbers[this.#level] > levelNumbers.warn ? "warn" : this.#level;
    this.#logger[level](this.#message, { ...meta, elapsedMs, ...(isSlow && { slow: true }) });
    return elapsedMs;
  }

  [Symbol.dispose](): void {
    this.done();
  }
}
