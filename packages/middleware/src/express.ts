import { toProblemDetails } from "@infra/errors";
import { silentLogger, type Logger } from "@infra/interfaces";

import { answerOf } from "./error-answer.js";
import type { ErrorHandlerOptions } from "./error-handler.js";
import { RouteNotFoundError } from "./errors.js";
import { goOn, neutral, type NeutralPlugin, type WebRequest, type WebResponse } from "./neutral.js";
import { toInfraError } from "./to-infra-error.js";

/** A request of Express, as far as is needed here. */
export interface ExpressRequest extends Omit<WebRequest, "originalUrl"> {
  originalUrl: string;
}

/** A response of Express, as far as is needed here. */
export interface ExpressResponse {
  statusCode: number;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
  destroy(error?: Error): unknown;
}

/** Middleware, as `app.use` of Express takes it. */
export type ExpressHandler = (
  request: ExpressRequest,
  response: ExpressResponse,
  next: (error?: unknown) => void,
) => void;

/** Middleware that handles errors, as `app.use` of Express takes it. */
export type ExpressErrorHandler = (
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Runs a plugin on Express 5: `app.use(onExpress(rateLimit, { limit: 100 }))`. What it refuses goes to the error handler,
 * such as {@link expressErrors}.
 *
 * @throws TypeError or RangeError when an option is not what it should be.
 */
export function onExpress<Options extends object>(
  plugin: NeutralPlugin<Options>,
  ...[options]: object extends Options ? [options?: Options] : [options: Options]
): ExpressHandler {
  const check = plugin[neutral](options ?? ({} as Options));
  return (request, response, next) => {
    let pending: void | Promise<void>;
    try {
      pending = check(request, response as unknown as WebResponse, {});
    } catch (error) {
      next(error);
      return;
    }
    if (pending) void goOn(pending, next);
    else next();
  };
}

/** Options of {@link expressErrors}. */
export interface ExpressErrorsOptions extends Pick<ErrorHandlerOptions, "redact"> {
  /** Told of what amounts to 500 or more, with its cause and stack. @default nobody */
  readonly logger?: Logger;
}

/** The last middleware of an Express application: answers errors as the plugin error-handler does on Fastify. */
export function expressErrors(options: ExpressErrorsOptions = {}): ExpressErrorHandler {
  const { logger = silentLogger } = options;
  // four parameters are what tells Express that it handles errors
  return (error, request, response, _next) => {
    const known = toInfraError(error);
    const requestId = (request as { id?: unknown }).id;
    const id = typeof requestId === "string" ? requestId : undefined;
    if (known.status >= 500) logger.error("request failed", { error, requestId: id });
    if (response.headersSent) {
      // half a response must not look like a whole one
      response.destroy();
      return;
    }
    const problem = toProblemDetails(known, { ...(id !== undefined && { instance: id }) });
    const answer = answerOf(problem, request.headers.accept, options.redact);
    response.statusCode = problem.status;
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    response.end(answer.body);
  };
}

/** For what no route of an Express application answers: stands before {@link expressErrors}. */
export function expressNotFound(): ExpressHandler {
  return (_request, _response, next) => next(new RouteNotFoundError("there is nothing here"));
}
