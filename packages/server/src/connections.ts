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
  readonly #servers: Server[] = [];

  /** Follows the connections of a server from now on. */
  attach(server: Server): void {
    this.#servers.push(server);
    const follow = (socket: Socket): void => {
      const connection: Connection = { socket, latest: undefined };
      (socket as Marked)[slot] = connection;
      this.#open.add(connection);
      socket.once("close", () => this.#open.delete(connection));
    };
    server.on("connection", follow);
    // over TLS requests come on a socket of its own, that wraps the other
    server.on("secureConnection", follow);
  }

  /** The connection that a socket is; `undefined` for one that did not come from a client, such as an injected request's. */
  static of(socket: Socket): Connection | undefined {
    return (socket as Marked)[slot];
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  get size(): number {
    let wrapped = 0;
    for (const { socket } of this.#open) if ("encrypted" in socket) wrapped += 1;
    return this.#open.size - wrapped;
  }

  /** Closes those that wait for another request. */
  closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections?.();
  }

  /** Closes all but these: also those that never sent a request, or only a part of its headers. */
  closeOthers(busy: ReadonlySet<Socket>): void {
    for (const { socket } of this.#open) if (!busy.has(socket)) socket.destroy();
  }
}
