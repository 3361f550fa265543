import type { Server } from "node:http";
import type { Socket } from "node:net";

/** The open connections of a server. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Closes those that wait for another request. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  /** Closes all but these: also those that never sent a request, or only a part of its headers. */
  closeOthers(busy: ReadonlySet<Socket>): void {
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.destroy();
  }
}
