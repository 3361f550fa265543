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

/** Where the lines go, and from which level. */
export interface LogTarget {
  readonly logger: Logger;
  /** @default every level */
  readonly level?: string | undefined;
}

const usual: Serializers = {
  req: ({ method, url, id }: FastifyRequest) => ({ method, url, id }),
  res: ({ statusCode }: FastifyReply) => ({ statusCode }),
};

/**
 * A Logger as Fastify and its plugins call it, the pino way: `log.info({ user }, "hello %s", name)`. `err` becomes
 * `error`, `req` and `res` are cut down to what says something. It asks its target only when there is a line to write.
 */
export class FastifyLogger implements FastifyBaseLogger {
  readonly #target: LogTarget;
  readonly #serializers: Serializers;
  #level: string | undefined;

  constructor(target: LogTarget, serializers: Serializers = usual) {
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
  ): FastifyLogger {
    const serializers = { ...this.#serializers, ...(options.serializers as Serializers) };
    const logger = this.#target.logger.child(this.#serialised(bindings));
    return new FastifyLogger({ logger, level: options.level ?? this.level }, serializers);
  }

  #write(level: LogLevel, [first, ...rest]: unknown[]): void {
    const { logger } = this.#target;
    if (ranks[level]! < (ranks[this.level] ?? 0) || !logger.isEnabled(level)) return;
    if (typeof first !== "object" || first === null) {
      logger[level](format(first, ...rest));
      return;
    }
    const fields = isError(first) ? { err: first } : (first as Fields);
    const [message = messageOf(fields["err"]), ...values] = rest;
    logger[level](format(message, ...values), this.#serialised(fields));
  }

  #serialised(fields: Fields): Fields {
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(fields)) {
      if (key === "err") result["error"] = value;
      else result[key] = this.#serializers[key] ? this.#serializers[key](value as never) : value;
    }
    return result;
  }
}

function messageOf(error: unknown): string {
  return isError(error) ? error.message : "";
}
