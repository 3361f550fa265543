import type { FastifyReply } from "fastify";

/** An answer as it is kept: the body as base64 when it is no text. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly binary: boolean;
}

/** What belongs to one connection or one occasion, and not to the answer. */
const own = new Set([
  "age",
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "keep-alive",
  "ratelimit",
  "ratelimit-policy",
  "set-cookie",
  "traceparent",
  "transfer-encoding",
  "vary",
  "x-request-id",
]);

/** An answer that is on its way out; `undefined` when it can't be kept: a stream, or one that sets a cookie. */
export function toStoredAnswer(reply: FastifyReply, payload: unknown): StoredAnswer | undefined {
  if (reply.getHeader("set-cookie") !== undefined) return undefined;
  const binary = Buffer.isBuffer(payload);
  const empty = payload === undefined || payload === null;
  if (!binary && !empty && typeof payload !== "string") return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (!own.has(name) && value !== undefined) headers[name] = String(value);
  }
  return {
    status: reply.statusCode,
    headers,
    body: binary ? payload.toString("base64") : empty ? "" : payload,
    binary,
  };
}

/** Sends an answer again. */
export function sendStoredAnswer(reply: FastifyReply, answer: StoredAnswer): FastifyReply {
  const { status, headers, body, binary } = answer;
  return reply
    .code(status)
    .headers(headers)
    .send(binary ? Buffer.from(body, "base64") : body === "" ? undefined : body);
}
