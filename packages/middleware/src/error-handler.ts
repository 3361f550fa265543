import { toProblemDetails } from "@infra/errors";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { answerOf } from "./error-answer.js";
import { RouteNotFoundError } from "./errors.js";
import { place } from "./order.js";
import { toInfraError } from "./to-infra-error.js";

/** Options of {@link errorHandler}. */
export interface ErrorHandlerOptions {
  /** Answers what no route matches. Switch it off to set a not-found handler of your own. @default true */
  readonly notFound?: boolean;
  /** Goes over every `detail` that is sent. @default sends the public messages as they are */
  readonly redact?: (text: string) => string;
}

/**
 * Answers a request with an error as problem details. An error that amounts to 500 or more is logged with its cause and
 * stack by `request.log`; none of it is sent.
 */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  redact?: (text: string) => string,
): void {
  const known = toInfraError(error, request);
  if (known.status >= 500) {
    request.log.error({ err: error }, "request failed");
  }
  const problem = toProblemDetails(known, { instance: request.id });
  const { headers, body } = answerOf(problem, request.headers.accept, redact);
  // what the handler has set for a body that is not sent
  for (const name of ["content-length", "content-encoding", "etag", "cache-control"]) {
    reply.removeHeader(name);
  }
  // as text, so that no response schema of the route takes fields away
  reply.code(problem.status).headers(headers).send(body);
}

const plugin: FastifyPluginAsync<ErrorHandlerOptions> = async (fastify, options) => {
  place(fastify, "error-handler");
  const send = (error: unknown, request: FastifyRequest, reply: FastifyReply): void =>
    sendProblem(error, request, reply, options.redact);
  fastify.setErrorHandler(send);
  if (options.notFound !== false) {
    fastify.setNotFoundHandler((request, reply) => {
      send(new RouteNotFoundError("there is nothing here"), request, reply);
    });
  }
};

/**
 * Answers errors as RFC 9457 problem details: `InfraError`s with their status, code and public message; refused input
 * with a pointer to each mistake; Fastify's own errors with a code of this package; anything else as a 500 that tells
 * nothing. Never sends a stack, a path or SQL. A browser gets a page, whoever asks for text gets a line.
 */
export const errorHandler: FastifyPluginAsync<ErrorHandlerOptions> = fp(plugin, {
  name: "@infra/middleware/error-handler",
  fastify: "5.x",
});
