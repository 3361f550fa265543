import { createRequire } from "node:module";

import { isError } from "@infra/errors";
import type { LogLevel, LogMeta, LogEntry, LogTransport } from "@infra/interfaces";
import type { Logger as WinstonLogger } from "winston";

import { levelNumbers } from "./log-threshold.js";

/** A transport of winston. */
export type WinstonTransport = Pick<
  WinstonLogger["transports"][number],
  "write" | "pipe" | "on" | "once" | "emit" | "end" | "close"
>;

type Info = Record<string | symbol, unknown>;

const LEVEL = Symbol.for("level");
const MESSAGE = Symbol.for("message");
const ours = Symbol("infra.logging.entry");

/** Whether a transport is one of winston's: a stream that takes objects. */
export function isWinstonTransport(
  transport: LogTransport | WinstonTransport,
): transport is WinstonTransport {
  return "pipe" in transport && "write" in transport;
}

/**
 * Drives a transport of winston, or a whole logger of winston, as one of ours: with a queue of its own, so that one that
 * is slow, or that winston would disconnect after an error, holds up no other.
 */
export class WinstonTransportAdapter implements LogTransport {
  readonly name: string;
  readonly #target: WinstonTransport | WinstonLogger;
  readonly #onError: (error: unknown) => void;
  #pending: ((error: unknown) => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(target: WinstonTransport | WinstonLogger, onError: (error: unknown) => void) {
    this.name = `winston ${target.constructor.name}`;
    this.#target = target;
    this.#onError = onError;
    target.on("error", this.#failed);
  }

  log(entry: LogEntry): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#pending = reject;
      this.#target.write(infoOf(entry), (error?: Error | null) => {
        if (error) reject(error);
        else resolve();
      });
    }).finally(() => (this.#pending = undefined));
  }

  close(): Promise<void> {
    // a stream that has finished does not say so again
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#target.once("finish", resolve);
      this.#target.once("close", resolve);
      this.#target.end();
    });
    this.#target.close?.();
  }

  /** An error that no write reports is one all the same. */
  readonly #failed = (error: unknown): void => {
    if (this.#pending) this.#pending(error);
    else this.#onError(error);
  };
}

/** Makes a transport of winston's ready: it asks the logger that it is piped from for the levels. */
export function adoptWinstonTransport(transport: WinstonTransport): void {
  loadWinston();
  transport.emit("pipe", { levels: levelNumbers, level: "trace" });
}

/**
 * Makes a logger of winston. What is logged by it goes to `write`, as if it had been logged by ours; what `write` makes
 * of it comes back through the adapter, for the transports and formats that were added to it.
 */
export function makeWinstonLogger(
  write: (level: LogLevel, message: string | Error, meta: LogMeta) => void,
): WinstonLogger {
  const winston = loadWinston();
  const logger = winston.createLogger({
    levels: levelNumbers,
    level: "trace",
    // the line is finished; a format that the user sets in this one's place may finish it otherwise
    format: winston.format((info) => info)(),
    // without any transport winston complains about every line
    transports: [new winston.transports.Console({ silent: true })],
  });
  const toTransports = logger.write.bind(logger) as (info: Info, ...rest: unknown[]) => boolean;
  const splat = winston.format.splat();
  Object.defineProperty(logger, "write", {
    value(info: Info, ...rest: unknown[]) {
      if (info[ours]) return toTransports(info, ...rest);
      const told = splat.transform(info as never) as unknown as Info;
      const { level, message, ...meta } = told;
      const text = isError(told) ? told : String(message);
      write((told[LEVEL] ?? level) as LogLevel, text, meta);
      return true;
    },
  });
  return logger;
}

function loadWinston(): typeof import("winston") {
  const winston = createRequire(import.meta.url)("winston") as typeof import("winston");
  winston.addColors({ fatal: "magenta", trace: "gray" });
  return winston;
}

function infoOf(entry: LogEntry): Info {
  const { level, message, meta, timestamp, category, line } = entry;
  return {
    ...meta,
    ...(category !== undefined && { category }),
    timestamp: timestamp.toISOString(),
    level,
    message,
    [LEVEL]: level,
    [MESSAGE]: line,
    [ours]: true,
  };
}
