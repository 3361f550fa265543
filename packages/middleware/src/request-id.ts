import { randomUUID } from "node:crypto";
import { validateHeaderName } from "node:http";

import type { IdGenerator } from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { parseTraceparent, type TraceContext } from "./trace-context.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The caller's `traceparent`, set by the plugin request-id; `undefined` when there is none. */
    readonly trace: TraceContext | undefined;
  }
}

/** Options of {@link requestId}. */
export interface RequestIdOptions {
  /** The header that carries the id, in and out. @default "x-request-id" */
  readonly header?: string;
  /** Takes over the id that a request brings, if it is 1 to 128 of `A-Z a-z 0-9 . _ : + / = -`. @default true */
  readonly accept?: boolean;
  /** Where new ids come from. @default random UUIDs */
  readonly generator?: IdGenerator;
}

const acceptable = /^[\w.:+/=-]{1,128}$/;
const uuids: IdGenerator = { next: () => randomUUID() };

const plugin: FastifyPluginAsync<RequestIdOptions> = async (fastify, options) => {
  const { accept = true, generator = uuids } = options;
  const header = (options.header ?? "x-request-id").toLowerCase();
  validateHeaderName(header);

  fastify.setGenReqId((request) => {
    const given = accept ? request.headers[header] : undefined;
    return typeof given === "string" && acceptable.test(given) ? given : generator.next();
  });
  fastify.decorateRequest("trace", {
    getter(this: FastifyRequest) {
      const { traceparent, tracestate } = this.headers;
      return parseTraceparent(traceparent, tracestate as string | undefined);
    },
  });
  fastify.addHook("onRequest", (request, reply, next) => {
    reply.header(header, request.id);
    next();
  });
};

/**
 * Gives every request an id: the one it brings or a new one, as `request.id`, in its log lines and in the response.
 * `request.trace` is the W3C trace context that it brings.
 */
export const requestId: FastifyPluginAsync<RequestIdOptions> = fp(plugin, {
  name: "@infra/middleware/request-id",
  fastify: "5.x",
});
