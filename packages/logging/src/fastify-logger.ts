import { format } from "node:util";

import { isError } from "@infra/errors";
import type { Logger, LogLevel, LogMeta } from "@infra/interfaces";

import { levelNumbers } from "./log-threshold.js";

/** What Fastify takes as `loggerInstance`, and hands to plugins and requests. */
export interface FastifyLog {
  /** The least urgent level of this one; what the logger itself lets through counts as well. */
  level: string;
  fatal(...line: unknown[]): void;
  error(...line: unknown[]): void;
  warn(...line: unknown[]): void;
  info(...line: unknown[]): void;
  debug(...line: unknown[]): void;
  trace(...line: unknown[]): void;
  silent(...line: unknown[]): void;
  child(
    bindings: LogMeta,
    options?: { readonly level?: string; readonly serializers?: object },
  ): FastifyLog;
}

type Serializers = Readonly<Record<string, (value: unknown) => unknown>>;

/** What other loggers call it, and what it is called in every line of ours. */
const names: Readonly<Record<string, string>> = { err: "error", reqId: "requestId" };

/**
 * A logger for Fastify: `fastify({ loggerInstance: fastifyLogger(logger) })`. It takes lines as Fastify and its plugins
 * write them, `log.info({ user }, "hello %s", name)`; `err` becomes `error` with stack and causes, `reqId` becomes
 * `requestId`, and a route's `logLevel` counts. It has no category of its own: give it a child for one.
 */
export function fastifyLogger(logger: Logger): FastifyLog {
  return new PinoStyleLogger(logger, "trace", {});
}

class PinoStyleLogger implements FastifyLog {
  level: string;
  readonly #logger: Logger;
  readonly #serializers: Serializers;

  constructor(logger: Logger, level: string, serializers: Serializers) {
    this.level = level;
    this.#logger = logger;
    this.#serializers = serializers;
  }

  fatal(...line: unknown[]): void {
    this.#write("fatal", line);
  }

  error(...line: unknown[]): void {
    this.#write("error", line);
  }

  warn(...line: unknown[]): void {
    this.#write("warn", line);
  }

  info(...line: unknown[]): void {
    this.#write("info", line);
  }

  debug(...line: unknown[]): void {
    this.#write("debug", line);
  }

  trace(...line: unknown[]): void {
    this.#write("trace", line);
  }

  silent(): void {}

  child(
    bindings: LogMeta,
    options: { readonly level?: string; readonly serializers?: object } = {},
  ): FastifyLog {
    const serializers = { ...this.#serializers, ...(options.serializers as Serializers) };
    const logger = this.#logger.child(fieldsOf(bindings, serializers));
    return new PinoStyleLogger(logger, options.level ?? this.level, serializers);
  }

  #write(level: LogLevel, [first, ...rest]: unknown[]): void {
    if (levelNumbers[level] > limitOf(this.level) || !this.#logger.isEnabled(level)) return;
    if (typeof first !== "object" || first === null) {
      this.#logger[level](format(first, ...rest));
      return;
    }
    const given = isError(first) ? { err: first } : (first as LogMeta);
    const { err } = given;
    const [message = isError(err) ? err.message : "", ...values] = rest;
    this.#logger[level](format(message, ...values), fieldsOf(given, this.#serializers));
  }
}

/** A level that only another logger knows lets everything pass: ours decides. */
function limitOf(level: string): number {
  return level === "silent" ? -1 : (levelNumbers[level as LogLevel] ?? Infinity);
}

/**
 * The fields under our names; an error as it is, because our lines have its stack and causes. The logger reads the
 * others, and bears it when a serializer throws.
 */
function fieldsOf(given: LogMeta, serializers: Serializers): LogMeta {
  const fields = {};
  for (const key of Object.keys(given)) {
    const serialise = key === "err" ? undefined : serializers[key];
    Object.defineProperty(fields, names[key] ?? key, {
      configurable: true,
      enumerable: true,
      get: () => (serialise ? serialise(given[key]) : given[key]),
    });
  }
  return fields;
}
