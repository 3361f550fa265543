import type { Clock, Logger } from "@infra/interfaces";
import { accessLog } from "@infra/middleware/access-log";
import { errorHandler, sendProblem } from "@infra/middleware/error-handler";
import { fastifyLogger } from "@infra/middleware/fastify-logger";
import { limits } from "@infra/middleware/limits";
import { requestId } from "@infra/middleware/request-id";
import { securityHeaders, securityHeadersOf } from "@infra/middleware/security-headers";
import { validation } from "@infra/middleware/validation";
import { fastify, LogController, type FastifyInstance, type FastifyServerOptions } from "fastify";

import type { ActiveRequests } from "./active-requests.js";
import { refuseConnection } from "./refuse-connection.js";
import type { ResolvedServerOptions } from "./server-options.js";

/** What {@link createFastify} works with. */
export interface FastifyParts {
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly requests: ActiveRequests;
  /** Whether connections are to end with the response under way. */
  readonly connectionEnds: () => boolean;
}

/** A Fastify application with hardened bounds and the plugins that every server has. */
export function createFastify(
  options: ResolvedServerOptions,
  { logger, clock, requests, connectionEnds }: FastifyParts,
): FastifyInstance {
  const headers =
    options.securityHeaders === false ? {} : securityHeadersOf(options.securityHeaders);
  const { tls, http2 = false } = options;
  const bounds = {
    headersTimeout: bound(options.headersTimeout),
    requestTimeout: bound(options.requestTimeout),
    // Node.js looks for requests that are late this often; with its 30 s they would live half a minute longer
    connectionsCheckingInterval: Math.min(1000, options.headersTimeout),
    maxHeaderSize: options.headersLimit,
    insecureHTTPParser: false,
    ...(http2 && {
      settings: { maxConcurrentStreams: 100, maxHeaderListSize: options.headersLimit },
    }),
  };
  const settings: FastifyServerOptions & { http?: object; https?: object; http2?: boolean } = {
    ...(tls
      ? { https: { handshakeTimeout: options.headersTimeout, allowHTTP1: true, ...bounds, ...tls } }
      : { http: bounds }),
    ...(http2 && { http2: true, http2SessionTimeout: bound(options.keepAliveTimeout) }),
    requestTimeout: bound(options.requestTimeout),
    keepAliveTimeout: bound(options.keepAliveTimeout),
    bodyLimit: options.bodyLimit,
    routerOptions: { maxParamLength: options.paramLimit },
    trustProxy: options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    // what a schema has no place for is refused where it says so, never dropped in silence
    ajv: { customOptions: { removeAdditional: false } },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    // a request that arrives on an open connection during a stop is answered, not refused
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors(error, request, reply) {
      void reply.headers(headers);
      sendProblem(error, request, reply);
    },
    clientErrorHandler(error, socket) {
      refuseConnection(error, socket, headers);
    },
    ...options.fastify,
  };
  const app = fastify(settings as FastifyServerOptions);

  // a server of HTTP/2 that takes HTTP/1 too has them for that, and takes them nowhere else
  Object.assign(app.server, {
    headersTimeout: bound(options.headersTimeout),
    requestTimeout: bound(options.requestTimeout),
  });

  if (logger) app.log = fastifyLogger({ logger });
  requests.attach(app, { logger, connectionEnds, asyncContext: options.asyncContext ?? false });
  if (options.requestId !== false) app.register(requestId, options.requestId ?? {});
  if (logger && options.accessLog !== false) {
    app.register(accessLog, { ...options.accessLog, logger, clock });
  }
  if (options.securityHeaders !== false) {
    app.register(securityHeaders, options.securityHeaders ?? {});
  }
  app.register(limits, { ...options.limits, url: options.urlLimit });
  app.register(validation);
  app.register(errorHandler, options.errors ?? {});
  return app;
}

/** Node.js takes 0 for "no bound". */
function bound(ms: number): number {
  return ms === Infinity ? 0 : ms;
}
