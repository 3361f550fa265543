import { format } from "node:util";

import { isError } from "@infra/errors";
import type { Logger, LogLevel } from "@infra/interfaces";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";

type Fields = Readonly<Record<string, unknown>>;
type Serializers = Readonly<Record<string, (value: never) => unknown>>;

/** What pino calls levels, as ranks: a line is written when its rank reaches the route's level. */
const ranks: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Infinity,
};

/** What pino calls fields, and what they are called in every line of ours. */
const names: ReadonlyMap<string, string> = new Map([
  ["err", "error"],
  ["reqId", "requestId"],
]);

const usual: Serializers = {
  req: ({ method, url, id }: FastifyRequest) => ({ method, url, id }),
  res: ({ statusCode }: FastifyReply) => ({ statusCode }),
};

/** Where the lines of a {@link fastifyLogger} go, and from which level. */
export interface LogTarget {
  /** Asked for only when there is a line to write. */
  readonly logger: Logger;
  /** The least urgent level; what the logger itself lets through counts as well. @default every level */
  readonly level?: string | undefined;
}

/**
 * A `Logger` as Fastify and its plugins call it, the pino way: `log.info({ user }, "hello %s", name)`. `err` becomes `error`,
 * `reqId` becomes `requestId`, `req` and `res` are cut down to what says something, and a route's `logLevel` counts:
 * `fastify({ loggerInstance: fastifyLogger({ logger }) })`.
 */
export function fastifyLogger(target: LogTarget): FastifyBaseLogger {
  return new PinoStyleLogger(target, usual);
}

class PinoStyleLogger implements FastifyBaseLogger {
  readonly #target: LogTarget;
  readonly #serializers: Serializers;
  #level: string | undefined;

  constructor(target: LogTarget, serializers: Serializers) {
    this.#target = target;
    this.#serializers = serializers;
  }

  get level(): string {
    return this.#level ?? (this.#target.level || "trace");
  }

  set level(level: string) {
    this.#level = level;
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
    bindings: Fields,
    options: { readonly level?: string; readonly serializers?: object } = {},
  ): PinoStyleLogger {
    const serializers = { ...this.#serializers, ...(options.serializers as Serializers) };
    const logger = this.#target.logger.child(fieldsOf(bindings, serializers));
    return new PinoStyleLogger({ logger, level: options.level ?? this.level }, serializers);
  }

  #write(level: LogLevel, [first, ...rest]: unknown[]): void {
    // a level that only another logger knows lets everything pass: ours decides
    if (ranks[level]! < (ranks[this.level] ?? 0)) return;
    const { logger } = this.#target;
    if (!logger.isEnabled(level)) return;
    if (typeof first !== "object" || first === null) {
      logger[level](format(first, ...rest));
      return;
    }
    const given = isError(first) ? { err: first } : (first as Fields);
    const [message = messageOf(given), ...values] = rest;
    logger[level](format(message, ...values), fieldsOf(given, this.#serializers));
  }
}

/** The fields under our names. The logger reads them, and bears it when a getter or a serializer throws. */
function fieldsOf(given: Fields, serializers: Serializers): Fields {
  const keys = Object.keys(given);
  if (!keys.some((key) => names.has(key) || Object.hasOwn(serializers, key))) return given;
  const fields = {};
  for (const key of keys) {
    // an error as it is: our lines have its stack and causes
    const serialised = key !== "err" && Object.hasOwn(serializers, key);
    Object.defineProperty(fields, names.get(key) ?? key, {
      configurable: true,
      enumerable: true,
      get: () => (serialised ? serializers[key]!(given[key] as never) : given[key]),
    });
  }
  return fields;
}

function messageOf({ err }: Fields): string {
  return isError(err) ? err.message : "";
}
