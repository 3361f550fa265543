import { silentLogger, type Clock, type Logger } from "@infra/interfaces";
import { middlewareErrors } from "@infra/middleware/errors";
import { fastifyLogger } from "@infra/middleware/fastify-logger";
import type { FastifyInstance, FastifyRequest } from "fastify";

import { ActiveRequest, type RequestContext, type RequestOwner } from "./active-request.js";
import { Connections } from "./connections.js";
import { requestStorage } from "./current-request.js";

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

/** How {@link ActiveRequests} follows the requests of an application. */
export interface FollowOptions {
  readonly logger: Logger | undefined;
  /** Whether connections are to end with the response under way. */
  readonly connectionEnds: () => boolean;
  /** Whether code below a handler can ask whom it works for. */
  readonly asyncContext: boolean;
}

/**
 * The requests under way: who they are, for how long, and how to end them. Fastify's own `request.signal` and
 * `handlerTimeout` both end with the request's stream, which for a body is before the handler runs; so both are ours.
 *
 * A connection remembers its latest request, and whoever asks looks which of them are done: a request that is answered in
 * time costs no listener and no entry in a set.
 */
export class ActiveRequests {
  readonly #connections: Connections;
  /** Those that have no connection of HTTP/1 to themselves: injected ones, and streams of HTTP/2. */
  readonly #others = new Set<ActiveRequest>();
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #stopping = new AbortController();
  #leastTimeoutMs: number;
  #cancelSweep: (() => void) | undefined;
  #total = 0;
  #timedOut = 0;

  constructor(connections: Connections, clock: Clock, timeoutMs: number) {
    this.#connections = connections;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#leastTimeoutMs = timeoutMs;
  }

  /** Follows every request of the application. */
  attach(fastify: FastifyInstance, { logger, connectionEnds, asyncContext }: FollowOptions): void {
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
    const owner: RequestOwner = {
      clock: this.#clock,
      logger: logger ?? silentLogger,
      stopping: this.#stopping.signal,
      limitMs: ({ routeOptions }) => routeOptions.config.handlerTimeout ?? this.#timeoutMs,
    };
    fastify.addHook("onRequest", (request, reply, next) => {
      this.#total += 1;
      const { raw } = request;
      const http1 = raw.httpVersionMajor < 2;
      const connection = http1 ? Connections.of(raw.socket) : undefined;
      const latest = connection?.latest;
      const earlier = latest === undefined || latest.done ? undefined : latest;
      const entry = new ActiveRequest(request, reply, owner, earlier);
      (request as Marked<FastifyRequest>)[active] = entry;
      if (connection) {
        connection.latest = entry;
        connection.requests += 1;
      } else {
        this.#follow(entry);
      }
      // given as `loggerInstance`, Fastify would make a child and four listeners more for every request
      if (logger) request.log = reply.log = fastifyLogger(entry);
      if (http1 && connectionEnds()) reply.header("connection", "close");
      if (asyncContext) requestStorage.run(entry, next);
      else next();
    });
    if (!asyncContext) return;
    // the body has been read since, on behalf of the connection
    fastify.addHook("preValidation", (request, _reply, next) => {
      requestStorage.run(request.context, next);
    });
  }

  /** Begins to cut requests that take too long. */
  watch(): void {
    const everyMs = Math.min(Math.max(this.#leastTimeoutMs / 10, 10), 500);
    const sweep = (): void => {
      this.#cutOverdue();
      this.#forgetDone();
      this.#cancelSweep = this.#clock.setTimeout(sweep, everyMs, { unref: true });
    };
    this.#cancelSweep = this.#clock.setTimeout(sweep, everyMs, { unref: true });
  }

  /** Cuts none any more, and tells those that have no end to end: the server stops. */
  unwatch(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#stopping.abort();
  }

  /** Those that are not done, in no order. */
  *[Symbol.iterator](): Generator<ActiveRequest> {
    yield* this.#others;
    for (const connection of this.#connections) {
      for (let entry = connection.latest; entry; entry = entry.earlier)
        if (!entry.done) yield entry;
    }
  }

  get size(): number {
    return [...this].length;
  }

  /** Requests seen so far. */
  get total(): number {
    return this.#total;
  }

  /** Requests cut because their handler took too long. */
  get timedOut(): number {
    return this.#timedOut;
  }

  #follow(entry: ActiveRequest): void {
    this.#others.add(entry);
    entry.reply.raw.once("close", () => this.#others.delete(entry));
  }

  #cutOverdue(): void {
    const now = this.#clock.monotonic();
    for (const entry of this) {
      const ageMs = now - entry.startedAt;
      if (ageMs < this.#leastTimeoutMs) continue;
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

  /** A connection that waits for its next request does not keep the last one. */
  #forgetDone(): void {
    for (const connection of this.#connections) {
      const { latest } = connection;
      // of one that was answered before all of it came, the rest may still come, and be wrong
      if (latest?.done && latest.request.raw.complete) connection.latest = undefined;
      else if (latest?.earlier?.done) latest.earlier = undefined;
    }
  }
}
