import { toBytes, type ByteSize } from "@infra/interfaces";
import type { FastifyPluginAsync } from "fastify";
import fp from "fastify-plugin";

import { UrlTooLongError } from "./errors.js";

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
}

const plugin: FastifyPluginAsync<LimitsOptions> = async (fastify, options) => {
  const urlBytes = positive(toBytes(options.url ?? "4kb", "url"), "url");
  if (options.body !== undefined) {
    const bodyBytes = positive(toBytes(options.body, "body"), "body");
    fastify.addHook("onRoute", (route) => {
      route.bodyLimit ??= bodyBytes;
    });
  }
  fastify.addHook("onRequest", (request, _reply, next) => {
    // an HTTP request line is ASCII: one character is one byte
    if (request.raw.url!.length > urlBytes) {
      next(new UrlTooLongError(`the URL is longer than ${urlBytes} bytes`));
    } else {
      next();
    }
  });
};

function positive(bytes: number, name: string): number {
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new RangeError(`${name} must be a size above zero, got ${bytes}`);
}

/** Bounds what a request may bring: the body (413) and the URL (414). */
export const limits: FastifyPluginAsync<LimitsOptions> = fp(plugin, {
  name: "@infra/middleware/limits",
  fastify: "5.x",
});
