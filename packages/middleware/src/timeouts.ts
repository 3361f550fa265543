import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { HandlerTimeoutError } from "./errors.js";
import { place } from "./order.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Aborted when the request's time is up or its client gone, of the plugin timeouts. */
    timeoutSignal: AbortSignal;
  }
  interface FastifyContextConfig {
    /** How long this route may take to answer; `false` for as long as it wants. */
    timeout?: Duration | false;
  }
}

/** Options of {@link timeouts}. */
export interface TimeoutsOptions {
  /** For routes that don't say it themselves. @default "30s" */
  readonly timeout?: Duration;
  /** @default the system's */
  readonly clock?: Clock;
}

/** A request whose time runs. */
interface Running {
  readonly reply: FastifyReply;
  readonly deadline: number;
  readonly limitMs: number;
  readonly abort: AbortController;
}

const running = Symbol("infra.timeouts");

type Timed = FastifyRequest & { [running]: Running | undefined };

const plugin: FastifyPluginAsync<TimeoutsOptions> = async (fastify, options) => {
  place(fastify, "timeouts", ["request-id", "access-log", "security-headers"]);
  const { clock = systemClock } = options;
  const usualMs = positive(options.timeout ?? "30s");
  let leastMs = usualMs;
  fastify.addHook("onRoute", ({ config }) => {
    if (config?.timeout) leastMs = Math.min(leastMs, positive(config.timeout));
  });

  // One timer for all of them: one each would keep what every request holds until it fires.
  const all = new Set<Running>();
  let cancel: (() => void) | undefined;
  const watch = (): void => {
    cancel ??= clock.setTimeout(
      () => {
        cancel = undefined;
        for (const each of all) if (clock.monotonic() >= each.deadline) cut(each);
        if (all.size > 0) watch();
      },
      Math.min(Math.max(leastMs / 10, 5), 250),
      { unref: true },
    );
  };
  fastify.addHook("onClose", async () => cancel?.());

  function cut(each: Running): void {
    all.delete(each);
    const error = new HandlerTimeoutError(`no response within ${each.limitMs} ms`, {
      publicMessage: "The request took too long.",
    });
    each.abort.abort(error);
    // whoever listens to the signal may have answered by now; what has begun is not cut
    if (!each.reply.sent && !each.reply.raw.headersSent) each.reply.send(error);
  }

  fastify.decorateRequest(running, undefined);
  fastify.decorateRequest("timeoutSignal", {
    getter(this: FastifyRequest) {
      return (this as Timed)[running]?.abort.signal ?? new AbortController().signal;
    },
  });
  fastify.addHook("onRequest", (request, reply, next) => {
    const { timeout = usualMs } = request.routeOptions.config;
    if (timeout !== false) {
      const limitMs = typeof timeout === "number" ? timeout : toMilliseconds(timeout);
      const abort = new AbortController();
      const each = { reply, deadline: clock.monotonic() + limitMs, limitMs, abort };
      (request as Timed)[running] = each;
      all.add(each);
      watch();
      reply.raw.once("close", () => {
        all.delete(each);
        if (!reply.raw.writableEnded) abort.abort();
      });
    }
    next();
  });
};

function positive(timeout: Duration): number {
  const ms = toMilliseconds(timeout, "timeout");
  if (ms > 0) return ms;
  throw new RangeError(`timeouts: timeout must be above zero, got ${ms}`);
}

/**
 * Answers with 503 what takes too long, and aborts `request.timeoutSignal`: a route says how long with
 * `config: { timeout: "2s" }`. Also with a body, where Fastify's own `handlerTimeout` ends its watch when the body is read.
 */
export const timeouts: FastifyPluginAsync<TimeoutsOptions> = fp(plugin, {
  name: "@infra/middleware/timeouts",
  fastify: "5.x",
});
