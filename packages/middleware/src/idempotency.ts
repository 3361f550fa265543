import { createHash } from "node:crypto";

import {
  silentLogger,
  toBytes,
  toMilliseconds,
  type Duration,
  type Logger,
  type Principal,
} from "@infra/interfaces";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import fp from "fastify-plugin";

import {
  IdempotencyConflictError,
  IdempotencyKeyError,
  IdempotencyMismatchError,
  StoreUnavailableError,
} from "./errors.js";
import { createMemoryStore, type AnswerStore } from "./memory-store.js";
import { place } from "./order.js";
import { sendStoredAnswer, toStoredAnswer, type StoredAnswer } from "./stored-answer.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether this route takes idempotency keys, or wants one. */
    idempotency?: "required" | "optional" | "none";
  }
}

/** Options of {@link idempotency}. */
export interface IdempotencyOptions {
  /** Where answers are kept: a `CacheStore`. @default in this process, 32 MB of them */
  readonly store?: AnswerStore;
  /** How long an answer is kept. @default "24h" */
  readonly ttl?: Duration;
  /** How long a request may be under way before its key is free again: longer than any handler runs. @default "2m" */
  readonly lockTtl?: Duration;
  /** Methods that take keys. @default POST, PATCH */
  readonly methods?: readonly string[];
  /** For routes that don't say it themselves. @default "optional" */
  readonly mode?: "required" | "optional" | "none";
  /** Whose keys they are: two clients may choose the same. @default the principal, or the address */
  readonly scope?: (request: FastifyRequest) => string;
  /** Before every key. @default "idempotency:" */
  readonly prefix?: string;
  /** Told when an answer could not be kept. @default nobody */
  readonly logger?: Logger;
}

/** What is kept under a key: a request under way has no answer yet. */
interface Entry {
  readonly fingerprint: string;
  readonly answer?: StoredAnswer;
}

const held = Symbol("infra.idempotency");

type Holding = FastifyRequest & { [held]: { key: string; fingerprint: string } | undefined };

const plugin: FastifyPluginAsync<IdempotencyOptions> = async (fastify, options) => {
  place(fastify, "idempotency", [
    "authentication",
    "authorization",
    "csrf",
    "rate-limit",
    "tenant",
  ]);
  const { mode = "optional", prefix = "idempotency:", logger = silentLogger } = options;
  const methods = new Set(options.methods ?? ["POST", "PATCH"]);
  const ttlMs = toMilliseconds(options.ttl ?? "24h", "ttl");
  const lockMs = toMilliseconds(options.lockTtl ?? "2m", "lockTtl");
  const scope = options.scope ?? scopeOf;
  const store = options.store ?? createMemoryStore(toBytes("32mb"));

  /** Throws, answers, or takes the key. */
  async function take(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const wanted = request.routeOptions.config.idempotency ?? mode;
    if (wanted === "none" || !methods.has(request.method)) return;
    const given = request.headers["idempotency-key"];
    if (given === undefined) {
      if (wanted === "required") throw new IdempotencyKeyError("an idempotency key is required");
      return;
    }
    // the draft has it as a structured field, a quoted text; most clients send it bare
    const name = typeof given === "string" ? given.replace(/^"(.*)"$/, "$1") : "";
    if (!/^[\x21-\x7e]{1,128}$/.test(name)) {
      throw new IdempotencyKeyError("an idempotency key is 1 to 128 visible characters");
    }
    const key = prefix + digest(scope(request), name);
    const fingerprint = digest(
      request.method,
      request.originalUrl,
      JSON.stringify(request.body) ?? "",
    );
    const entry: Entry = { fingerprint };
    const added = await asked(store.add(key, JSON.stringify(entry), { ttlMs: lockMs }));
    if (added) {
      (request as Holding)[held] = { key, fingerprint };
      return;
    }
    const text = await asked(store.get(key));
    // the one before gave it up in between: the client tries again
    const there = text === undefined ? entry : (JSON.parse(text) as Entry);
    if (there.fingerprint !== fingerprint) {
      throw new IdempotencyMismatchError("this idempotency key belongs to another request");
    }
    if (!there.answer) {
      reply.header("retry-after", "1");
      throw new IdempotencyConflictError("a request with this idempotency key is under way");
    }
    reply.header("idempotency-replayed", "true");
    sendStoredAnswer(reply, there.answer);
  }

  /** Keeps what a request was answered with; a failure, and what can't be kept, leaves the key free for another try. */
  async function keep(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
    const mine = (request as Holding)[held];
    if (!mine) return;
    (request as Holding)[held] = undefined;
    const answer = reply.statusCode < 500 ? toStoredAnswer(reply, payload) : undefined;
    try {
      if (!answer) {
        await store.delete([mine.key]);
        return;
      }
      const entry: Entry = { fingerprint: mine.fingerprint, answer };
      await store.set(mine.key, JSON.stringify(entry), { ttlMs });
    } catch (error) {
      logger.error("idempotency: an answer could not be kept", { error, requestId: request.id });
    }
  }

  fastify.decorateRequest(held, undefined);
  fastify.addHook("preHandler", async (request, reply) => {
    await take(request, reply);
    return reply.sent ? reply : undefined;
  });
  fastify.addHook("onSend", async (request, reply, payload) => {
    await keep(request, reply, payload);
    return payload;
  });
};

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // to go on without it would be to do a thing twice
    throw new StoreUnavailableError("whether this was done already can't be looked up", {
      cause: error,
    });
  }
}

function scopeOf(request: FastifyRequest): string {
  const { principal } = request as { principal?: Principal };
  return principal ? `principal:${principal.id}` : `address:${request.ip}`;
}

function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("base64url");
}

/**
 * Does what a request with an `Idempotency-Key` asks for once, however often it is sent: the answer is kept and sent again;
 * while the first is under way, the others are answered with 409; the same key for something else is a 422.
 */
export const idempotency: FastifyPluginAsync<IdempotencyOptions> = fp(plugin, {
  name: "@infra/middleware/idempotency",
  fastify: "5.x",
});
