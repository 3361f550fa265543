import type { Logger } from "@infra/interfaces";

import { listenTo, type EventSource } from "./event-source.js";

interface SocketLike extends EventSource {
  readonly id: string;
}

interface ConnectionErrorLike {
  readonly code?: number;
  readonly message: string;
}

/** A server of socket.io, or a namespace of one: as much of it as is needed to log. */
export interface SocketServer extends EventSource {
  /** There once the server listens; a namespace has none. */
  readonly engine?: EventSource;
}

/**
 * Logs what happens in a server of socket.io that listens, or in a namespace, in the category `socket.io`: refused
 * connections and errors of sockets as warnings, who comes and goes for `debug`.
 *
 * @returns ends it; sockets that are connected then are logged until they go.
 */
export function logSocketIo(server: SocketServer, logger: Logger): () => void {
  const own = logger.child({ category: "socket.io" });
  const stops = [
    listenTo(server, {
      connection: (socket: SocketLike) => {
        const { id: socketId } = socket;
        own.debug("connected", { socketId });
        listenTo(socket, {
          error: (error: Error) => own.warn("socket failed", { socketId, error }),
          disconnect: (reason: string) => own.debug("disconnected", { socketId, reason }),
        });
      },
    }),
    server.engine &&
      listenTo(server.engine, {
        connection_error: ({ code, message }: ConnectionErrorLike) =>
          own.warn("connection refused", { reason: message, code }),
      }),
  ];
  return () => {
    for (const stop of stops) stop?.();
  };
}
