import type { Server } from "node:http";
import type { Socket } from "node:net";

import type { ActiveRequest } from "./active-request.js";

const slot = Symbol("infra.connection");

type Marked = Socket & { [slot]?: Connection };

/** An open connection. */
export interface Connection {
  readonly socket: Socket;
  /** The request that came last over HTTP/1, which leads to those before it; it may be done. */
  latest: ActiveRequest | undefined;
  /** How many requests came over HTTP/1. */
  requests: number;
  /** What had been read from it when it was last seen without a request; -1 when it had one. */
  idleSince: number;
}

/** The open connections of a server, however many addresses it listens on. */
export class Connections {
  readonly #open = new Set<Connection>();
  /** Those whose TLS is not there yet, by the client's end. */
  readonly #shaking = new Map<string, Connection>();

  /** Follows the connections of a server from now on. */
  attach(server: Server, { tls = false }: { readonly tls?: boolean } = {}): void {
    // Node.js 26 closes those too that have not come to send their first request, which would then be lost
    server.closeIdleConnections = () => this.closeIdle();
    server.on("connection", (socket: Socket) => {
      const connection = this.#follow(socket);
      if (!tls) return;
      const end = endOf(socket);
      this.#shaking.set(end, connection);
      socket.once("close", () => this.#shaking.delete(end));
    });
    // requests come on a socket that wraps the one before, and stands for it from here on
    server.on("secureConnection", (socket: Socket) => {
      const end = endOf(socket);
      const wrapped = this.#shaking.get(end);
      if (wrapped) this.#open.delete(wrapped);
      this.#shaking.delete(end);
      this.#follow(socket);
    });
  }

  /** The connection that a socket is; `undefined` for one that did not come from a client, such as an injected request's. */
  static of(socket: Socket): Connection | undefined {
    return (socket as Marked)[slot];
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  get size(): number {
    return [...this.#open].filter(({ socket }) => !socket.destroyed).length;
  }

  /**
   * Closes those that wait for another request, and have waited since the last call: so that none is closed on which a
   * request is just coming in.
   */
  closeIdle(): void {
    for (const connection of this.#open) {
      const { socket, latest, requests, idleSince } = connection;
      const idle = requests > 0 && (latest?.done ?? true);
      if (idle && idleSince === socket.bytesRead) socket.destroy();
      connection.idleSince = idle ? socket.bytesRead : -1;
    }
  }

  /** Closes all but these: also those that never sent a request, or only a part of its headers. */
  closeOthers(busy: ReadonlySet<Connection | undefined>): void {
    for (const connection of this.#open) if (!busy.has(connection)) connection.socket.destroy();
  }

  #follow(socket: Socket): Connection {
    const connection: Connection = { socket, latest: undefined, requests: 0, idleSince: -1 };
    (socket as Marked)[slot] = connection;
    this.#open.add(connection);
    socket.once("close", () => this.#open.delete(connection));
    return connection;
  }
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
