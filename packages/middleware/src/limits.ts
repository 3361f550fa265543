import type { IncomingMessage } from "node:http";

import { toBytes, type ByteSize } from "@infra/interfaces";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import fp from "fastify-plugin";

import {
  JsonTooDeepError,
  MalformedRequestError,
  UnsupportedEncodingError,
  UrlTooLongError,
} from "./errors.js";
import { place } from "./order.js";

/** Options of {@link limits}. */
export interface LimitsOptions {
  /**
   * The largest body, for routes that are added after the plugin and set no `bodyLimit` of their own.
   *
   * @default Fastify's own, 1 MB unless it was told otherwise
   */
  readonly body?: ByteSize;
  /** The longest URL, path and query together. @default "4kb" */
  readonly url?: ByteSize;
  /** How deep the JSON of a body may be nested. @default 64 */
  readonly jsonDepth?: number;
}

const plugin: FastifyPluginAsync<LimitsOptions> = async (fastify, options) => {
  place(fastify, "limits", ["request-id", "access-log", "security-headers"]);
  const urlBytes = positive(toBytes(options.url ?? "4kb", "url"), "url");
  const jsonDepth = positive(options.jsonDepth ?? 64, "jsonDepth");
  if (options.body !== undefined) {
    const bodyBytes = positive(toBytes(options.body, "body"), "body");
    fastify.addHook("onRoute", (route) => {
      route.bodyLimit ??= bodyBytes;
    });
  }
  fastify.addHook("onRequest", (request, reply, next) => {
    const { raw } = request;
    // an HTTP request line is ASCII: one character is one byte
    if (raw.url!.length > urlBytes) {
      next(new UrlTooLongError(`the URL is longer than ${urlBytes} bytes`));
      return;
    }
    const fault = faultOf(raw);
    if (fault === "ambiguous") {
      reply.header("connection", "close");
      next(new MalformedRequestError("the request can be read in more than one way"));
    } else if (fault === "compressed" && !(request.server as Decompressing)[decompresses]) {
      next(new UnsupportedEncodingError("compressed bodies are not read here"));
    } else {
      next();
    }
  });
  // whatever parser made it: also the one of a plugin that brings its own
  fastify.addHook("preValidation", (request, _reply, next) => {
    const { body } = request;
    if (typeof body === "object" && body !== null && isDeeper(body, jsonDepth)) {
      const details = { limit: jsonDepth };
      next(new JsonTooDeepError(`the body is nested deeper than ${jsonDepth} levels`, { details }));
    } else {
      next();
    }
  });
};

/** Set on an instance by whoever reads compressed bodies, within its bounds. */
export const decompresses = Symbol.for("infra.middleware.decompresses");

type Decompressing = FastifyInstance & { readonly [decompresses]?: boolean };

/**
 * Whether a body is compressed; or two servers on the way could take the request for two different ones: more than one
 * Host (RFC 9112, 3.2), or a Transfer-Encoding that is none, or where there was none yet (RFC 9112, 6.1). Node.js lets
 * these pass. By the raw headers, for it makes an object of them only when somebody asks.
 */
function faultOf({ rawHeaders, httpVersion }: IncomingMessage) {
  let hosts = 0;
  let transfers = 0;
  let compressed = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const { length } = rawHeaders[at]!;
    if (length !== 4 && length !== 16 && length !== 17) continue;
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (name === "host") hosts += 1;
    else if (name === "content-encoding") compressed ||= value !== "identity";
    else if (name === "transfer-encoding") {
      if (value.toLowerCase() !== "chunked" || httpVersion === "1.0") return "ambiguous";
      transfers += 1;
    }
  }
  if (hosts > 1 || transfers > 1 || httpVersion === "0.9") return "ambiguous";
  return compressed ? "compressed" : undefined;
}

/** Looks no deeper than the limit, and so can't overflow the stack. */
function isDeeper(value: object, limit: number): boolean {
  if (limit === 0) return true;
  if (ArrayBuffer.isView(value) || typeof (value as { pipe?: unknown }).pipe === "function") {
    return false;
  }
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === "object" && inner !== null && isDeeper(inner, limit - 1)) return true;
  }
  return false;
}

function positive(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`limits: ${name} must be a whole number above zero, got ${value}`);
}

/**
 * Bounds what a request may bring: the body (413), the URL (414), how deep its JSON is nested (400); refuses what two
 * servers could read differently (400), and compressed bodies (415) unless the plugin compression reads them.
 */
export const limits: FastifyPluginAsync<LimitsOptions> = fp(plugin, {
  name: "@infra/middleware/limits",
  fastify: "5.x",
});
