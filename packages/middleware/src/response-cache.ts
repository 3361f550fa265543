import { createHash } from "node:crypto";

import {
  silentLogger,
  systemClock,
  toBytes,
  toMilliseconds,
  type ByteSize,
  type Clock,
  type Duration,
  type Logger,
} from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import { createMemoryStore, type AnswerStore } from "./memory-store.js";
import { place } from "./order.js";
import { sendStoredAnswer, toStoredAnswer, type StoredAnswer } from "./stored-answer.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Keeps the answers of this route, of the plugin response-cache. */
    responseCache?: RouteCacheOptions;
  }
}

/** How the answers of a route are kept. */
export interface RouteCacheOptions {
  /** How long. */
  readonly ttl: Duration;
  /** Headers of the request by which the answers differ. @default [] */
  readonly vary?: readonly string[];
  /**
   * Whose answer it is; `undefined`: not to be kept. Without it nothing is kept of whoever is logged in.
   *
   * @default everybody's
   */
  readonly scope?: (request: FastifyRequest) => string | undefined;
}

/** Options of {@link responseCache}. */
export interface ResponseCacheOptions {
  /** Where answers are kept: a `CacheStore`. @default in this process, 64 MB of them */
  readonly store?: AnswerStore;
  /** The largest answer that is kept. @default "1mb" */
  readonly maxBody?: ByteSize;
  /** Before every key. @default "response:" */
  readonly prefix?: string;
  /** Told when the store fails: then answers are made anew. @default nobody */
  readonly logger?: Logger;
  /** @default the system's */
  readonly clock?: Clock;
}

interface Entry {
  readonly storedAt: number;
  readonly answer: StoredAnswer;
}

const missed = Symbol("infra.responseCache");

type Missing = FastifyRequest & { [missed]: { key: string; ttlMs: number } | undefined };

const plugin: FastifyPluginAsync<ResponseCacheOptions> = async (fastify, options) => {
  place(fastify, "response-cache", ["authentication", "authorization", "rate-limit", "tenant"]);
  const { prefix = "response:", logger = silentLogger, clock = systemClock } = options;
  const maxBytes = toBytes(options.maxBody ?? "1mb", "maxBody");
  const store = options.store ?? createMemoryStore(toBytes("64mb"));

  async function find(key: string): Promise<Entry | undefined> {
    try {
      const text = await store.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Entry);
    } catch (error) {
      logger.warn("response cache: the store does not answer", { error });
      return undefined;
    }
  }

  fastify.addHook("onRoute", ({ config }) => {
    // a mistake is told when the application boots
    if (config?.responseCache) toMilliseconds(config.responseCache.ttl, "responseCache.ttl");
  });
  fastify.decorateRequest(missed, undefined);

  fastify.addHook("preHandler", async (request, reply) => {
    const { responseCache: wanted } = request.routeOptions.config;
    if (!wanted || (request.method !== "GET" && request.method !== "HEAD")) return undefined;
    const scope = wanted.scope ? wanted.scope(request) : isAnonymous(request) ? "" : undefined;
    if (scope === undefined) return undefined;
    for (const name of wanted.vary ?? []) vary(reply, name);
    const { headers } = request;
    const key =
      prefix +
      digest(
        scope,
        headers.host ?? "",
        request.originalUrl,
        ...(wanted.vary ?? []).map((name) => String(headers[name.toLowerCase()] ?? "")),
      );
    const directives = headers["cache-control"] ?? "";
    const entry = /no-cache|no-store/.test(directives) ? undefined : await find(key);
    if (entry) {
      reply.header("age", String(Math.max(0, Math.floor((clock.now() - entry.storedAt) / 1000))));
      reply.header("x-cache", "hit");
      return sendStoredAnswer(reply, entry.answer);
    }
    reply.header("x-cache", "miss");
    if (request.method === "GET" && !directives.includes("no-store")) {
      (request as Missing)[missed] = { key, ttlMs: toMilliseconds(wanted.ttl) };
    }
    return undefined;
  });

  fastify.addHook("onSend", async (request, reply, payload) => {
    const miss = (request as Missing)[missed];
    if (!miss || reply.statusCode !== 200) return payload;
    (request as Missing)[missed] = undefined;
    if (/no-store|private/.test(String(reply.getHeader("cache-control") ?? ""))) return payload;
    const answer = toStoredAnswer(reply, payload);
    if (!answer || answer.body.length > maxBytes) return payload;
    const { "x-cache": _own, ...headers } = answer.headers;
    const entry: Entry = { storedAt: clock.now(), answer: { ...answer, headers } };
    // nobody waits for it
    void store
      .set(miss.key, JSON.stringify(entry), { ttlMs: miss.ttlMs })
      .catch((error: unknown) =>
        logger.warn("response cache: an answer could not be kept", { error }),
      );
    return payload;
  });
};

function isAnonymous(request: FastifyRequest): boolean {
  const { principal } = request as { principal?: unknown };
  return principal === undefined && request.headers.authorization === undefined;
}

function vary(reply: FastifyReply, name: string): void {
  const there = reply.getHeader("vary");
  reply.header("vary", there === undefined ? name : `${String(there)}, ${name}`);
}

function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("base64url");
}

/**
 * Keeps the answers of GET routes that ask for it (`config: { responseCache: { ttl: "1m" } }`) and sends them again, with
 * `Age`. Only a 200 without a cookie that does not forbid it; nothing of whoever is logged in, unless `scope` says whose it
 * is. Without its store it goes on, and keeps nothing.
 */
export const responseCache: FastifyPluginAsync<ResponseCacheOptions> = fp(plugin, {
  name: "@infra/middleware/response-cache",
  fastify: "5.x",
});
