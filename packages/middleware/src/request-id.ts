import { randomUUID } from "node:crypto";
import { validateHeaderName } from "node:http";

import type { IdGenerator } from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { withNeutral, type NeutralPlugin, type WebRequest } from "./neutral.js";
import { place } from "./order.js";
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

function idSource(options: RequestIdOptions) {
  const { accept = true, generator = uuids } = options;
  const header = (options.header ?? "x-request-id").toLowerCase();
  validateHeaderName(header);
  return {
    header,
    idOf: ({ headers }: Pick<WebRequest, "headers">): string => {
      const given = accept ? headers[header] : undefined;
      return typeof given === "string" && acceptable.test(given) ? given : generator.next();
    },
  };
}

function traceOf({ headers }: Pick<WebRequest, "headers">): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  return parseTraceparent(traceparent, tracestate);
}

const plugin: FastifyPluginAsync<RequestIdOptions> = async (fastify, options) => {
  place(fastify, "request-id");
  const { header, idOf } = idSource(options);
  fastify.setGenReqId(idOf);
  fastify.decorateRequest("trace", {
    getter(this: FastifyRequest) {
      return traceOf(this);
    },
  });
  fastify.addHook("onRequest", (request, reply, next) => {
    reply.header(header, request.id);
    next();
  });
};

const unscoped: FastifyPluginAsync<RequestIdOptions> = fp(plugin, {
  name: "@infra/middleware/request-id",
  fastify: "5.x",
});

/**
 * Gives every request an id: the one it brings or a new one, as `request.id`, in its log lines and in the response.
 * `request.trace` is the W3C trace context that it brings.
 */
export const requestId: NeutralPlugin<RequestIdOptions> = withNeutral(unscoped, (options) => {
  const { header, idOf } = idSource(options);
  return (request, response) => {
    const id = idOf(request);
    Object.assign(request, { id, trace: traceOf(request) });
    response.header(header, id);
  };
});
