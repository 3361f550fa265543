import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { InfraError, toProblemDetails } from "@infra/errors";
import type { Storage } from "@infra/interfaces";

import { TypeRefusedError } from "./errors.js";
import { fileResponse } from "./file-response.js";
import type { Grant, Grants } from "./grants.js";
import { matchesType } from "./upload-policy.js";

const mostDrainedBytes = 4 * 1024 ** 2;

/** Answers one request; resolves when it is answered, and never rejects. */
export type SignedUrlHandler = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

/** What serves the signed URLs of a storage: GET and HEAD, PUT, and POST of forms. */
export function createSignedUrlHandler(storage: Storage, grants: () => Grants): SignedUrlHandler {
  return async (request, response) => {
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      await answer(storage, grants(), request, response, gone.signal);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (!gone.signal.aborted) refuse(request, response, error);
    }
  };
}

async function answer(
  storage: Storage,
  grants: Grants,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const token = url.searchParams.get("grant") ?? undefined;
  switch (request.method) {
    case "GET":
    case "HEAD":
      return sendFile(
        storage,
        grants.verify(token, "read", url.pathname),
        request,
        response,
        signal,
      );
    case "PUT": {
      const grant = grants.verify(token, "write", url.pathname);
      const length = request.headers["content-length"];
      await storeFile(storage, grant, bodyOf(request), request.headers["content-type"], {
        signal,
        ...(length !== undefined && { sizeBytes: Number(length) }),
      });
      response.writeHead(200).end();
      return;
    }
    case "POST": {
      const { readForm } = await import("./read-form.js");
      const { fields, file, fileType } = await readForm(request);
      const grant = grants.verify(fields.get("grant"), "form", url.pathname);
      await storeFile(storage, grant, file, fields.get("content-type") ?? fileType, { signal });
      response.writeHead(204).end();
      return;
    }
    default:
      response.writeHead(405, { allow: "GET, HEAD, PUT, POST" }).end();
  }
}

async function storeFile(
  storage: Storage,
  grant: Grant,
  content: AsyncIterable<Uint8Array>,
  sentAs: string | undefined,
  options: { readonly signal: AbortSignal; readonly sizeBytes?: number },
): Promise<void> {
  const { fileId, provider, contentType, maxBytes } = grant;
  if (contentType !== undefined && !matchesType(sentAs ?? "", contentType)) {
    const type = sentAs ?? "no type";
    throw new TypeRefusedError(
      `${JSON.stringify(fileId)} was sent as ${type}, not ${contentType}`,
      {
        details: { type, allowedTypes: [contentType] },
        publicMessage: `The file must be sent as ${contentType}.`,
      },
    );
  }
  // what a browser calls everything that it does not know says nothing
  const isKnown = sentAs !== undefined && !matchesType(sentAs, "application/octet-stream");
  await storage.storeFile({
    key: fileId,
    content,
    provider,
    ...(isKnown && { contentType: sentAs }),
    ...(maxBytes !== undefined && { maxSize: maxBytes }),
    ...options,
  });
}

/** The body, which may be given up without giving up the connection that the answer goes over. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

async function sendFile(
  storage: Storage,
  { fileId, provider, contentDisposition }: Grant,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const options = { provider, contentDisposition, signal };
  const { status, headers, content } = await fileResponse(storage, fileId, request, options);
  response.writeHead(status, headers);
  if (content) await pipeline(content, response);
  else response.end();
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const problem = toProblemDetails(error);
  const length = InfraError.is(error) ? (error.details["sizeBytes"] as number) : undefined;
  const body = JSON.stringify(problem);
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    ...(problem.status === 416 && length !== undefined && { "content-range": `bytes */${length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
  drain(request);
}

/** Reads what is left of an upload, so that the client comes to read the answer; but not for ever. */
function drain(request: IncomingMessage): void {
  let bytes = 0;
  request.unpipe();
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostDrainedBytes) request.destroy();
  });
  request.resume();
}
