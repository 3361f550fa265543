import {
  optional,
  section,
  systemClock,
  toMilliseconds,
  tokens,
  type HealthReport,
  type Inject,
  type Logger,
  type Managed,
  type StopContext,
  type Token,
  type LogTransport,
} from "@infra/interfaces";
import type { Logger as WinstonLogger } from "winston";

import { CategoryLevels } from "./category-levels.js";
import { loggingConfig } from "./config.js";
import { ContextLogger } from "./context-logger.js";
import { FailureReport } from "./failure-report.js";
import { inTime } from "./in-time.js";
import { LogCore } from "./log-core.js";
import { LogFilter } from "./log-filter.js";
import { LogSerialiser } from "./log-serialiser.js";
import { levelNumbers, type LogThreshold } from "./log-threshold.js";
import { checkedQueues, type LoggerDependencies, type LoggerOptions } from "./logger-options.js";
import { ownTransports } from "./own-transports.js";
import { Redaction } from "./redaction.js";
import { TransportSlot, type QueueOptions, type TransportStats } from "./transport-slot.js";
import {
  adoptWinstonTransport,
  isWinstonTransport,
  makeWinstonLogger,
  WinstonTransportAdapter,
  type WinstonTransport,
} from "./winston-bridge.js";

/** What {@link LoggerService.stats} returns. */
export interface LoggerStats {
  /** Lines that were handed to the transports. */
  readonly lines: number;
  /** Lines that sampling left out. */
  readonly sampled: number;
  /** Lines that were more than `maxPerSecond`. */
  readonly limited: number;
  readonly transports: readonly TransportStats[];
}

/**
 * The root of a program's loggers. A line on the console or in a file is written before the call returns, so neither
 * `process.exit` nor a crash loses it.
 */
export class LoggerService extends ContextLogger implements Logger, Managed {
  static readonly provides: Token<Logger> = tokens.logger;
  static readonly inject: Inject<typeof LoggerService> = {
    options: section(loggingConfig),
    clock: optional(tokens.clock),
  };

  readonly #core: LogCore;
  readonly #filter: LogFilter | undefined;
  readonly #queues: QueueOptions;
  readonly #drainMs: number;
  readonly #failures: FailureReport;
  #winston: WinstonLogger | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws RangeError, TypeError when an option is wrong. */
  constructor(options: LoggerOptions = {}, deps: LoggerDependencies = {}) {
    const queues = checkedQueues({
      maxQueued: options.maxQueued ?? 10_000,
      whenFull: options.whenFull ?? "drop",
    });
    const { sampling = [], maxPerSecond = Infinity } = options;
    const filter =
      sampling.length > 0 || maxPerSecond !== Infinity
        ? new LogFilter(sampling, maxPerSecond, deps.random ?? Math.random)
        : undefined;
    const drainMs = toMilliseconds(options.drainTimeout ?? "5s", "LoggerService: drainTimeout");
    const failures = new FailureReport(options.onTransportError);
    const core = new LogCore(
      new CategoryLevels(options.level ?? "info", options.levels ?? []),
      new LogSerialiser(new Redaction(options.redact, options.redactPatterns)),
      filter,
      deps.clock ?? systemClock,
      (name, error) => failures.report(name, error),
    );
    super(core, core.bind(undefined, {}));
    this.#core = core;
    this.#filter = filter;
    this.#queues = queues;
    this.#drainMs = drainMs;
    this.#failures = failures;
    for (const transport of ownTransports(options, core.clock)) this.addTransport(transport);
    for (const transport of options.transports ?? []) this.addTransport(transport);
  }

  /**
   * Sends every further line to this transport too: one of ours, or any of winston's.
   *
   * @param queue - `maxQueued` and `whenFull` for this one alone.
   * @throws RangeError when one of them is wrong.
   */
  addTransport(
    transport: LogTransport | WinstonTransport,
    queue: Partial<QueueOptions> = {},
  ): this {
    const queues = checkedQueues({ ...this.#queues, ...queue });
    if (!isWinstonTransport(transport)) {
      this.#core.slots.push(this.#slot(transport, queues));
      return this;
    }
    adoptWinstonTransport(transport);
    this.#core.slots.push(this.#winstonSlot(transport, queues));
    return this;
  }

  /** The level of a category, or of the root. */
  getLevel(category?: string): LogThreshold {
    return this.#core.levels.get(category);
  }

  /**
   * Changes the level of a category and those below it (`database`, `database.pool`), or of the root, for every logger
   * that there is already.
   *
   * @throws RangeError when the level is none.
   */
  setLevel(level: LogThreshold, category?: string): void {
    this.#core.levels.set(level, category);
  }

  /** Makes a category follow the one above it again. */
  resetLevel(category: string): void {
    this.#core.levels.reset(category);
  }

  /**
   * The winston logger beside this one, made when first asked for: what is logged by either goes to the transports of
   * both, after redaction; its formats apply to the transports that were added to it.
   */
  get winston(): WinstonLogger {
    if (!this.#winston) {
      this.#winston = makeWinstonLogger((level, message, meta) => {
        if (Object.hasOwn(levelNumbers, level)) this[level](message, meta);
        else this.info(message, { ...meta, winstonLevel: level });
      });
      this.#core.slots.push(this.#winstonSlot(this.#winston, this.#queues));
    }
    return this.#winston;
  }

  /** There is nothing to wait for: a logger works from the moment it is made. */
  async start(): Promise<void> {}

  /**
   * Resolves when no transport has `maxQueued` lines waiting: `await logger.ready()` between the pages of a long import
   * lets the transports keep up.
   *
   * @throws the signal's reason when it is aborted.
   */
  async ready(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const room = Promise.all(this.#core.slots.map((slot) => slot.room()));
    if (signal === undefined) {
      await room;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const give = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", give);
      void room.finally(() => {
        signal.removeEventListener("abort", give);
        resolve();
      });
    });
  }

  /** Resolves when every line has arrived, or after `drainTimeout`, or when the signal is aborted. */
  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#flush(this.#drainMs, options.signal);
  }

  /**
   * Delivers every line and closes the transports. The console and files take lines even after that, so that the last
   * message of the program has somewhere to go.
   */
  stop(context: StopContext = {}): Promise<void> {
    this.#stopping ??= this.#stop(context.signal);
    return this.#stopping;
  }

  async #stop(signal: AbortSignal | undefined): Promise<void> {
    await this.#flush(0.8 * this.#drainMs, signal);
    for (const slot of this.#core.slots) slot.abandon();
    // one that hangs while it flushes leaves the others time to close
    await this.#each((slot) => slot.close(), 0.2 * this.#drainMs, signal);
  }

  async health(): Promise<HealthReport> {
    const lossy = this.#core.slots
      .map((slot) => slot.stats())
      .filter(({ dropped, failed }) => dropped + failed > 0);
    if (lossy.length === 0) return { status: "up" };
    return {
      status: "degraded",
      message: `lines were lost by ${lossy.map(({ name }) => name).join(", ")}`,
      details: Object.fromEntries(
        lossy.map(({ name, dropped, failed }) => [name, dropped + failed]),
      ),
    };
  }

  stats(): LoggerStats {
    return {
      lines: this.#core.lines,
      sampled: this.#filter?.sampled ?? 0,
      limited: this.#filter?.limited ?? 0,
      transports: this.#core.slots.map((slot) => slot.stats()),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #slot(transport: LogTransport, queues: QueueOptions): TransportSlot {
    return new TransportSlot(transport, {
      ...queues,
      clock: this.#core.clock,
      onFailure: (name, error) => this.#failures.report(name, error),
    });
  }

  #winstonSlot(target: WinstonTransport | WinstonLogger, queues: QueueOptions): TransportSlot {
    const adapter: WinstonTransportAdapter = new WinstonTransportAdapter(target, (error) =>
      this.#failures.report(adapter.name, error),
    );
    return this.#slot(adapter, queues);
  }

  #flush(limitMs: number, signal: AbortSignal | undefined): Promise<void> {
    // the second is not over, but what it held back is known to be told nowhere else
    this.#core.tellHeld(this.#core.clock.now() + 1000);
    return this.#each((slot) => slot.flush(), limitMs, signal);
  }

  /** Has every transport do something, and waits for it no longer than so. */
  #each(
    work: (slot: TransportSlot) => Promise<void>,
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return inTime(this.#core.slots.map(work), this.#core.clock, limitMs, signal);
  }
}
