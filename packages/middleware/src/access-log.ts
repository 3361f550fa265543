import {
  systemClock,
  type Clock,
  type Logger,
  type LogLevel,
  type LogMeta,
} from "@infra/interfaces";
import type { FastifyReply, FastifyRequest } from "fastify";

import {
  definePlugin,
  pathOf,
  rawOf,
  type Check,
  type NeutralPlugin,
  type RouteConfig,
  type WebRequest,
  type WebResponse,
} from "./neutral.js";
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
  /**
   * The share of lines to write, 0 to 1, of requests that did not fail and were not slow; each written one says
   * `sampled`, the share.
   *
   * @default 1
   */
  readonly sample?: number;
  /** From how many milliseconds on a request is slow. @default 1000 */
  readonly slowMs?: number;
  /** More to say in each line. */
  readonly fields?: (request: FastifyRequest, reply: FastifyReply) => LogMeta;
  /** @default the system's */
  readonly clock?: Clock;
  /** Where chance comes from, 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** What a request may know beyond its own. */
interface Known {
  readonly id?: unknown;
  /** Express's */
  readonly route?: { readonly path?: unknown };
}

function create(options: AccessLogOptions): Check {
  const { logger, level: usual = "info", fields, clock = systemClock } = options;
  const { sample = 1, slowMs = 1000, random = Math.random } = options;
  if (typeof logger?.info !== "function") {
    throw new TypeError(`access log: logger must be a Logger, got ${typeof logger}`);
  }
  if (!(sample >= 0 && sample <= 1)) {
    throw new RangeError(`access log: sample must be a number from 0 to 1, got ${String(sample)}`);
  }

  function write(
    request: WebRequest & Known,
    response: WebResponse,
    { accessLog: wanted, url }: RouteConfig,
    startedAt: number,
  ): void {
    // a connection that closed before the response was out: 499, as nginx has it
    const status = rawOf(response).writableEnded ? response.statusCode : 499;
    if (wanted === false) return;
    const level = wanted ?? (status >= 500 ? "error" : usual);
    if (!logger.isEnabled(level)) return;
    const elapsedMs = Math.round((clock.monotonic() - startedAt) * 100) / 100;
    const sampled = sample < 1 && status < 400 && elapsedMs < slowMs;
    if (sampled && random() >= sample) return;
    const path = pathOf(request.originalUrl);
    const route = url ?? request.route?.path;
    const bytes = Number(response.getHeader("content-length"));
    const trace = parseTraceparent(request.headers["traceparent"]);
    // filled in place: one object for each line, and none for what it has not
    const meta: Record<string, unknown> = { method: request.method, path };
    if (route !== undefined) meta["route"] = route;
    meta["status"] = status;
    meta["elapsedMs"] = elapsedMs;
    if (bytes >= 0) meta["bytes"] = bytes;
    meta["ip"] = request.ip;
    if (request.id !== undefined) meta["requestId"] = request.id;
    if (trace) meta["traceId"] = trace.traceId;
    if (sampled) meta["sampled"] = sample;
    if (fields) {
      try {
        Object.assign(meta, fields(request as FastifyRequest, response as unknown as FastifyReply));
      } catch (error) {
        // the answer is out: thrown from here, it would end the process
        logger.warn("access log: the option fields failed", { error });
      }
    }
    logger[level](`${request.method} ${path} ${status}`, meta);
  }

  return (request, response, config) => {
    const startedAt = clock.monotonic();
    // Fastify's onResponse does not run when the client goes away; "close" comes either way, once
    rawOf(response).on("close", () => write(request, response, config, startedAt));
  };
}

/**
 * Writes one line for each request when it is over: method, path without the query, route, status, milliseconds, bytes,
 * address, request id, trace id. A client that went away before its answer is a 499.
 */
export const accessLog: NeutralPlugin<AccessLogOptions> = definePlugin({
  name: "access-log",
  create,
});
