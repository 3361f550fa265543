import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import { toProblemDetails } from "@infra/errors";
import { middlewareErrors } from "@infra/middleware/errors";

import { Connections } from "./connections.js";

const { HeadersTooLargeError, MalformedRequestError, RequestTimeoutError } =
  middlewareErrors.classes;

/**
 * Answers what never became a request (broken HTTP, headers too large, a client too slow) as problem details, and closes
 * the connection; only closes it where the request has its answer already, or a part of it.
 */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  const latest = Connections.of(socket)?.latest;
  const { headersSent, writableEnded, shouldKeepAlive } = latest?.reply.raw ?? {};
  // what is wrong may be the rest of a request that was answered before all of it came, or come after a goodbye
  if (headersSent && writableEnded && !(latest?.request.raw.complete && shouldKeepAlive)) {
    socket.destroySoon();
    return;
  }
  const responding = headersSent && !latest?.done;
  if (error.code === "ECONNRESET" || !socket.writable || responding) {
    socket.destroy();
    return;
  }
  const problem = toProblemDetails(
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? new RequestTimeoutError("the request took too long to arrive")
      : error.code === "HPE_HEADER_OVERFLOW"
        ? new HeadersTooLargeError("the request's headers are too large")
        : new MalformedRequestError("the request is not valid HTTP"),
  );
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...headers,
    connection: "close",
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join("")}\r\n${body}`,
    // the client may still be sending: nobody reads it
    () => socket.destroy(),
  );
}
