import type { ServerResponse } from "node:http";

import { silentLogger, type Clock, type Logger } from "@infra/interfaces";
import { middlewareErrors } from "@infra/middleware";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { ActiveRequest, type RequestContext } from "./active-request.js";
import { FastifyLogger } from "./fastify-logger.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Id, logger and signal of this request. */
    readonly context: RequestContext;
  }
  interface FastifyContextConfig {
    /** The route's own bound in milliseconds, moved here by the server. */
    handlerTimeout?: number;
  }
}

const { HandlerTimeoutError } = middlewareErrors.classes;
const active = Symbol("infra.activeRequest");

type Marked<T> = T & { [active]: ActiveRequest };

/**
 * The requests under way: who they are, for how long, and how to end them. Fastify's own `request.signal` and
 * `handlerTimeout` both end with the request's stream, which for a body is before the handler runs; so both are ours.
 */
export class ActiveRequests {
  readonly #requests = new Set<ActiveRequest>();
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #leastTimeoutMs: number;
  #cancelSweep: (() => void) | undefined;
  #total = 0;
  #timedOut = 0;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#leastTimeoutMs = timeoutMs;
  }

  /** Follows every request of the application. */
  attach(
    fastify: FastifyInstance,
    logger: Logger | undefined,
    connectionEnds: () => boolean,
  ): void {
    fastify.addHook("onRoute", (route) => {
      if (route.handlerTimeout === undefined) return;
      route.config = { ...route.config, handlerTimeout: route.handlerTimeout };
      this.#leastTimeoutMs = Math.min(this.#leastTimeoutMs, route.handlerTimeout);
      delete route.handlerTimeout;
    });
    // declared, so that marking a request does not change its shape
    fastify.decorateRequest(active, null);
    fastify.decorateRequest("context", {
      getter(this: FastifyRequest) {
        return (this as Marked<FastifyRequest>)[active];
      },
    });
    fastify.decorateRequest("signal", {
      getter(this: FastifyRequest) {
        return this.context.signal;
      },
    });
    const clock = this.#clock;
    const requests = this.#requests;
    const parent = logger ?? silentLogger;
    function closed(this: ServerResponse): void {
      const request = (this as Marked<ServerResponse>)[active];
      requests.delete(request);
      request.closed();
    }
    fastify.addHook("onRequest", (request, reply, next) => {
      this.#total += 1;
      const entry = new ActiveRequest(request, reply, clock.monotonic(), parent);
      (request as Marked<FastifyRequest>)[active] = entry;
      (reply.raw as Marked<ServerResponse>)[active] = entry;
      requests.add(entry);
      // given as `loggerInstance`, Fastify would make a child and four listeners more for every request
      if (logger) request.log = reply.log = new FastifyLogger(entry);
      reply.raw.on("close", closed);
      if (connectionEnds() && request.raw.httpVersionMajor === 1) {
        reply.header("connection", "close");
      }
      next();
    });
  }

  /** Begins to cut requests that take too long. */
  watch(): void {
    if (this.#leastTimeoutMs === Infinity) return;
    const everyMs = Math.min(Math.max(this.#leastTimeoutMs / 10, 10), 500);
    const sweep = () => {
      this.#cutOverdue();
      this.#cancelSweep = this.#clock.setTimeout(sweep, everyMs, { unref: true });
    };
    this.#cancelSweep = this.#clock.setTimeout(sweep, everyMs, { unref: true });
  }

  unwatch(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<ActiveRequest> {
    return this.#requests.values();
  }

  get size(): number {
    return this.#requests.size;
  }

  /** Requests seen so far. */
  get total(): number {
    return this.#total;
  }

  /** Requests cut because their handler took too long. */
  get timedOut(): number {
    return this.#timedOut;
  }

  #cutOverdue(): void {
    const now = this.#clock.monotonic();
    for (const entry of this.#requests) {
      const ageMs = now - entry.startedAt;
      if (ageMs < this.#leastTimeoutMs) return; // the others are younger
      const limitMs = entry.request.routeOptions.config.handlerTimeout ?? this.#timeoutMs;
      if (ageMs < limitMs || !entry.unanswered) continue;
      this.#timedOut += 1;
      const error = new HandlerTimeoutError(`no response within ${limitMs} ms`, {
        publicMessage: "The request took too long.",
      });
      entry.abort(error);
      // whoever listens to the signal may have answered by now
      if (entry.unanswered) entry.reply.send(error);
    }
  }
}
