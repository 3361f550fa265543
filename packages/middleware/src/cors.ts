import { importPeer } from "@infra/errors";
import { toMilliseconds, type Duration } from "@infra/interfaces";
import type { FastifyPluginAsync } from "fastify";
import fp from "fastify-plugin";

import { place } from "./order.js";

/** Options of {@link cors}. */
export interface CorsOptions {
  /**
   * Whose pages may read the answers: `["https://app.example.com"]`, expressions that match a whole origin, or `"*"` for all
   * of them, which goes without credentials.
   */
  readonly origins: readonly (string | RegExp)[] | "*";
  /** @default GET, HEAD, POST, PUT, PATCH, DELETE */
  readonly methods?: readonly string[];
  /** Headers that requests may have. @default what they ask for */
  readonly headers?: readonly string[];
  /** Headers of answers that pages may read. @default `x-request-id`, `retry-after`, `ratelimit`, `ratelimit-policy` */
  readonly exposedHeaders?: readonly string[];
  /** Lets cookies through. @default false */
  readonly credentials?: boolean;
  /** How long a browser need not ask again. @default "10m" */
  readonly maxAge?: Duration;
}

const plugin: FastifyPluginAsync<CorsOptions> = async (fastify, options) => {
  place(fastify, "cors", ["request-id", "access-log", "security-headers"]);
  const { origins, credentials = false } = options;
  const isAllowed = matcherOf(origins, credentials);
  const { default: fastifyCors } = await importPeer(
    "@fastify/cors",
    () => import("@fastify/cors"),
    { for: "the plugin cors" },
  );
  await fastify.register(fastifyCors, {
    // a function, also for one origin: so that an answer without it says that it varies
    origin:
      origins === "*"
        ? "*"
        : (origin, done) => done(null, origin !== undefined && isAllowed(origin)),
    methods: [...(options.methods ?? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])],
    ...(options.headers && { allowedHeaders: [...options.headers] }),
    exposedHeaders: [
      ...(options.exposedHeaders ?? [
        "x-request-id",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
      ]),
    ],
    credentials,
    maxAge: Math.floor(toMilliseconds(options.maxAge ?? "10m", "maxAge") / 1000),
    // a preflight that asks for nothing is an ordinary OPTIONS
    strictPreflight: false,
  });
};

function matcherOf(
  origins: CorsOptions["origins"],
  credentials: boolean,
): (origin: string) => boolean {
  if (origins === "*") {
    if (credentials) {
      throw new TypeError('cors: origins "*" can\'t go with credentials: name the origins');
    }
    return () => true;
  }
  if (!Array.isArray(origins)) {
    throw new TypeError(`cors: origins must be a list or "*", got ${JSON.stringify(origins)}`);
  }
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const each of origins as readonly (string | RegExp)[]) {
    if (each instanceof RegExp) {
      // an expression that matches a part would let https://example.com.evil.test in
      patterns.push(new RegExp(`^(?:${each.source})$`, each.flags.replaceAll(/[gy]/g, "")));
    } else if (URL.canParse(each) && new URL(each).origin === each) {
      exact.add(each);
    } else {
      throw new TypeError(
        `cors: an origin is a scheme, a host and a port, such as https://app.example.com, got ${JSON.stringify(each)}`,
      );
    }
  }
  return (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin));
}

/** Lets pages of other origins read the answers, with `@fastify/cors`: those that are named, and no other. */
export const cors: FastifyPluginAsync<CorsOptions> = fp(plugin, {
  name: "@infra/middleware/cors",
  fastify: "5.x",
});
