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
}

/** The open connections of a server, however many addresses it listens on. */
export class Connections {
  readonly #open = new Set<Connection>();
  /** Those whose TLS is not there yet, by the client's end. */
  readonly #shaking = new Map<string, Connection>();
  readonly #servers: Server[] = [];

  /** Follows the connections of a server from now on. */
  attach(server: Server, { tls = false }: { readonly tls?: boolean } = {}): void {
    this.#servers.push(server);
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
    return this.#open.size;
  }

  /** Closes those that wait for another request. */
  closeIdle(): void {
    // a server of HTTP/2 has none: its sessions end by themselves
    for (const server of this.#servers) server.closeIdleConnections?.();
  }

  /** Closes all but these: also those that never sent a request, or only a part of its headers. */
  closeOthers(busy: ReadonlySet<Connection | undefined>): void {
    for (const connection of this.#open) if (!busy.has(connection)) connection.socket.destroy();
  }

  #follow(socket: Socket): Connection {
    const connection: Connection = { socket, latest: undefined };
    (socket as Marked)[slot] = connection;
    this.#open.add(connection);
    socket.once("close", () => this.#open.delete(connection));
    return connection;
  }
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
