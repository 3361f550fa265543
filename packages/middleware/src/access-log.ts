import {
  systemClock,
  type Clock,
  type Logger,
  type LogLevel,
  type LogMeta,
} from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { parseTraceparent } from "./trace-context.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The level of this route's lines in the access log, whatever their status; `false` for none. */
    accessLog?: LogLevel | false;
  }
}

/** Options of {@link accessLog}. */
export interface AccessLogOptions {
  readonly logger: Logger;
  /** The level of a line whose request did not fail with 500 or more, which makes it `error`. @default "info" */
  readonly level?: LogLevel;
  /** More to say in each line. */
  readonly fields?: (request: FastifyRequest, reply: FastifyReply) => LogMeta;
  /** @default the system's */
  readonly clock?: Clock;
}

const plugin: FastifyPluginAsync<AccessLogOptions> = async (fastify, options) => {
  const { logger, level: usual = "info", fields, clock = systemClock } = options;
  if (typeof logger?.info !== "function") {
    throw new TypeError(`access log: logger must be a Logger, got ${typeof logger}`);
  }

  function write(request: FastifyRequest, reply: FastifyReply, startedAt: number): void {
    // a connection that closed before the response was out: 499, as nginx has it
    const status = reply.raw.writableEnded ? reply.statusCode : 499;
    const { config, url: route } = request.routeOptions;
    if (config.accessLog === false) return;
    const level = config.accessLog ?? (status >= 500 ? "error" : usual);
    if (!logger.isEnabled(level)) return;
    const path = pathOf(request.originalUrl);
    const bytes = Number(reply.getHeader("content-length"));
    const trace = parseTraceparent(request.headers["traceparent"]);
    logger[level](`${request.method} ${path} ${status}`, {
      method: request.method,
      path,
      ...(route !== undefined && { route }),
      status,
      elapsedMs: Math.round((clock.monotonic() - startedAt) * 100) / 100,
      ...(bytes >= 0 && { bytes }),
      ip: request.ip,
      requestId: request.id,
      ...(trace && { traceId: trace.traceId }),
      ...fields?.(request, reply),
    });
  }

  fastify.addHook("onRequest", (request, reply, next) => {
    const startedAt = clock.monotonic();
    // Fastify's onResponse does not run when the client goes away; "close" comes either way, once
    reply.raw.on("close", () => write(request, reply, startedAt));
    next();
  });
};

/** Without the query, which may hold what must not be logged. */
function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

/**
 * Writes one line for each request when it is over: method, path without the query, route, status, milliseconds, bytes,
 * address, request id, trace id. A client that went away before its answer is a 499.
 */
export const accessLog: FastifyPluginAsync<AccessLogOptions> = fp(plugin, {
  name: "@infra/middleware/access-log",
  fastify: "5.x",
});
