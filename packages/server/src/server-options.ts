import type { ServerOptions as TlsOptions } from "node:https";

import {
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Duration,
  type SectionValues,
} from "@infra/interfaces";
import type { AccessLogOptions } from "@infra/middleware/access-log";
import type { ErrorHandlerOptions } from "@infra/middleware/error-handler";
import type { LimitsOptions } from "@infra/middleware/limits";
import type { RequestIdOptions } from "@infra/middleware/request-id";
import type { SecurityHeadersOptions } from "@infra/middleware/security-headers";
import type { FastifyServerOptions, RouteOptions } from "fastify";

import { serverConfig } from "./config.js";
import type { MetricsOptions } from "./metrics.js";
import type { MultipartOptions } from "./multipart.js";
import type { OpenApiOptions } from "./openapi.js";

/** Options of {@link ServerManager}. The first group is also the section `server` of the configuration. */
export interface ServerOptions {
  /** The address to listen on; `0.0.0.0` for all of them. @default "127.0.0.1" */
  readonly host?: string;
  /** The port to listen on; 0 picks a free one. @default 3000 */
  readonly port?: number;
  /** The path of a Unix socket to listen on, instead of host and port. @default "" for none */
  readonly socket?: string;
  /** Addresses and networks of the proxies whose `X-Forwarded-*` headers are believed. @default [] */
  readonly trustProxy?: readonly string[];
  /** How long a client may take to send a request's headers. @default "10s" */
  readonly headersTimeout?: Duration;
  /** How long a client may take to send a whole request. @default "25s" */
  readonly requestTimeout?: Duration;
  /** How long a connection without a request is kept open. @default "25s" */
  readonly keepAliveTimeout?: Duration;
  /**
   * How long a request may wait for the first byte of its response before it is answered with 503 and its signal is
   * aborted; a route's own `handlerTimeout`, in milliseconds, goes before. `Infinity` for no bound. @default "60s"
   */
  readonly handlerTimeout?: Duration;
  /**
   * How long `stop()` goes on accepting, with readiness down, before it begins: for load balancers that look every few
   * seconds. A lifecycle has a delay of its own. @default 0
   */
  readonly stopDelay?: Duration;
  /** How long `stop()` waits for the requests under way. @default "10s" */
  readonly stopTimeout?: Duration;
  /** The largest body of a request; a route's own `bodyLimit` goes before. @default "1mb" */
  readonly bodyLimit?: ByteSize;
  /** The largest headers of a request. @default "16kb" */
  readonly headersLimit?: ByteSize;
  /** The longest URL of a request. @default "4kb" */
  readonly urlLimit?: ByteSize;
  /** The most characters of a parameter in a URL's path. @default 256 */
  readonly paramLimit?: number;

  /** Key, certificate and the rest of what `node:https` takes: the server speaks TLS. @default none */
  readonly tls?: TlsOptions;
  /** HTTP/2: with TLS beside HTTP/1.1, by what the client offers; without, HTTP/2 alone. @default false */
  readonly http2?: boolean;
  /** Another port for the probes and the metrics, which are then not on the first. @default none */
  readonly management?: { readonly host?: string; readonly port: number };
  /** Measures requests for Prometheus, at `/metrics`; needs `prom-client`. @default false */
  readonly metrics?: MetricsOptions | boolean;
  /** Reads forms with files, within bounds; needs `@fastify/multipart`. @default false */
  readonly multipart?: MultipartOptions | boolean;
  /**
   * From which delay of the event loop on requests are answered with 503; needs `@fastify/under-pressure`.
   *
   * @default never
   */
  readonly maxEventLoopDelay?: Duration;
  /** Lets code anywhere below a handler ask `currentRequest()`: costs every request some 5 %. @default false */
  readonly asyncContext?: boolean;

  /** Routes to begin with. */
  readonly routes?: readonly RouteOptions[];
  /** Describes the routes at `/docs`; needs `@fastify/swagger` and `@fastify/swagger-ui`. @default false */
  readonly openapi?: OpenApiOptions | false;
  /** Where `live`, `ready` and `startup` are answered; `false` for nowhere. @default "/health" */
  readonly health?: string | false;
  /** Of the plugin request-id. */
  readonly requestId?: RequestIdOptions | false;
  /** Of the plugin security-headers. */
  readonly securityHeaders?: SecurityHeadersOptions | false;
  /** Of the plugin access-log, which writes nothing without a logger. */
  readonly accessLog?: Omit<AccessLogOptions, "logger" | "clock"> | false;
  /** Of the plugin limits, but for what stands above. */
  readonly limits?: Pick<LimitsOptions, "jsonDepth">;
  /** Of the plugin error-handler. */
  readonly errors?: ErrorHandlerOptions;
  /** Anything else that Fastify takes; goes before what is made from the other options. */
  readonly fastify?: FastifyServerOptions;
}

type Settings = SectionValues<typeof serverConfig.settings>;

/** The options with every bound in milliseconds or bytes. */
export type ResolvedServerOptions = Omit<ServerOptions, keyof Settings> & Settings;

/** @throws RangeError or TypeError naming the option, what it was and what was expected. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const defaults = serverConfig.defaults();
  const duration = (name: keyof Settings & keyof ServerOptions) =>
    above(0, toMilliseconds((options[name] ?? defaults[name]) as Duration, name), name);
  const size = (name: keyof Settings & keyof ServerOptions) =>
    above(0, whole(toBytes((options[name] ?? defaults[name]) as ByteSize, name), name), name);

  const { host = defaults.host, port = defaults.port, paramLimit = defaults.paramLimit } = options;
  if (typeof host !== "string" || host === "") {
    throw new TypeError(`host must be a host name or an address, got ${JSON.stringify(host)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`port must be a whole number from 0 to 65535, got ${String(port)}`);
  }
  const { health = "/health" } = options;
  if (health !== false && !/^\/.*[^/]$/.test(health)) {
    throw new TypeError(
      `health must be false or a path such as "/health", got ${JSON.stringify(health)}`,
    );
  }
  const { socket = defaults.socket } = options;
  if (typeof socket !== "string") {
    throw new TypeError(`socket must be a path, got ${JSON.stringify(socket)}`);
  }
  const stopDelay = toMilliseconds(options.stopDelay ?? defaults.stopDelay, "stopDelay");
  if (!(stopDelay >= 0 && stopDelay < Infinity)) {
    throw new RangeError(`stopDelay must be a time, got ${stopDelay}`);
  }
  const requestTimeout = duration("requestTimeout");
  return {
    ...options,
    health,
    host,
    port,
    socket,
    stopDelay,
    trustProxy: options.trustProxy ?? defaults.trustProxy,
    // Node.js refuses to wait longer for the headers than for the whole
    headersTimeout: Math.min(duration("headersTimeout"), requestTimeout),
    requestTimeout,
    keepAliveTimeout: duration("keepAliveTimeout"),
    handlerTimeout: duration("handlerTimeout"),
    stopTimeout: duration("stopTimeout"),
    bodyLimit: size("bodyLimit"),
    headersLimit: size("headersLimit"),
    urlLimit: size("urlLimit"),
    paramLimit: above(0, whole(paramLimit, "paramLimit"), "paramLimit"),
  };
}

function above(least: number, value: number, name: string): number {
  if (value > least) return value;
  throw new RangeError(`${name} must be above ${least}, got ${value}`);
}

function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name} must be a whole number, got ${String(value)}`);
}
