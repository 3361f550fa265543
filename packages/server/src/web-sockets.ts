import type { EventEmitter } from "node:events";

import { ForbiddenError, importPeer } from "@infra/errors";
import { toBytes, type ByteSize } from "@infra/interfaces";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Options of a route for WebSockets. */
export interface WebSocketRouteOptions {
  /** Other origins whose pages may connect. @default [] */
  readonly origins?: readonly string[];
  /** The largest message; of the first route, for all of a server. @default "1mb" */
  readonly maxPayload?: ByteSize;
}

/** A `WebSocket` of the package ws, as far as most need it; it emits `message` (data, isBinary), `close` and `error`. */
export interface WebSocketConnection extends EventEmitter {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent and have not left. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array, done?: (error?: Error) => void): void;
  ping(): void;
  close(code?: number, reason?: string): void;
  /** Cuts the connection. */
  terminate(): void;
}

/** Talks to a client: `socket` is one of the package ws. */
export type WebSocketHandler = (
  socket: WebSocketConnection,
  request: FastifyRequest,
) => void | Promise<void>;

/** @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/websocket is not installed. */
export async function addWebSocketRoute(
  instance: FastifyInstance,
  path: string,
  handler: WebSocketHandler,
  { origins = [], maxPayload = "1mb" }: WebSocketRouteOptions,
): Promise<void> {
  if (!instance.hasDecorator("websocketServer")) {
    const { default: fastifyWebsocket } = await importPeer(
      "@fastify/websocket",
      () => import("@fastify/websocket"),
      { for: "websocket()" },
    );
    await instance.register(fastifyWebsocket, {
      options: { maxPayload: toBytes(maxPayload, "maxPayload") },
      preClose(this: FastifyInstance, done) {
        // 1001: going away; a client that does not answer is cut with the other connections
        for (const client of this.websocketServer.clients) client.close(1001, "the server stops");
        this.websocketServer.close(done);
      },
    });
  }
  const known = new Set(origins.map((origin) => new URL(origin).origin));
  instance.route({
    method: "GET",
    url: path,
    schema: { hide: true },
    // browsers ask no other origin's leave for a WebSocket, and send cookies with it
    onRequest(request, _reply, next) {
      const { origin, host } = request.headers;
      const own = origin === undefined || known.has(origin) || hostOf(origin) === host;
      next(own ? undefined : new ForbiddenError("WebSockets are not for pages of other sites"));
    },
    handler: (_request, reply) => reply.code(426).header("upgrade", "websocket").send(),
    wsHandler: (socket, request) => {
      // without a listener an error of one client would end the process
      socket.on("error", (error) => request.log.debug({ err: error }, "a WebSocket failed"));
      return handler(socket, request);
    },
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
