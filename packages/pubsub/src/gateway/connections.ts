import type { ConnectionContext, GatewaySocket } from "./connection-context.js";
import { Connection } from "./connection.js";
import { isSelected, type GatewayOrder, type GatewaySelection } from "./gateway-control.js";
import type { Identity } from "./held-credential.js";
import type { TopicFeed } from "./topic-feed.js";
import { checkUserLimit } from "./user-limit.js";
import { toWireError } from "./wire-error.js";

/** The clients that are connected over socket.io. */
export class Connections {
  readonly #context: ConnectionContext;
  readonly #isStopping: () => boolean;
  readonly #all = new Map<string, Connection>();
  readonly #identities = new WeakMap<object, Identity & { readonly orders: number }>();

  constructor(context: ConnectionContext, isStopping: () => boolean) {
    this.#context = context;
    this.#isStopping = isStopping;
  }

  get size(): number {
    return this.#all.size;
  }

  all(): Iterable<Connection> {
    return this.#all.values();
  }

  /** Why a client is refused; `undefined` when it is not. */
  async identify(socket: GatewaySocket): Promise<Error | undefined> {
    const { options, auth, presence, orders, tell } = this.#context;
    const { auth: shown, headers, url } = socket.handshake;
    const credential = options.credential({ auth: shown, headers, url });
    const before = orders();
    try {
      const principal = await auth.principal(credential);
      checkUserLimit(principal, presence, options.maxConnectionsPerUser);
      this.#identities.set(socket, { credential, principal, orders: before });
      return undefined;
    } catch (error) {
      tell({ type: "refused", reason: (error as Error).message, origin: headers.origin });
      return Object.assign(new Error("refused"), { data: toWireError(error) });
    }
  }

  add(socket: GatewaySocket): void {
    const { orders, tell } = this.#context;
    const identity = this.#identities.get(socket)!;
    const connection = new Connection(socket, this.#context, identity);
    this.#all.set(socket.id, connection);
    socket.on("disconnect", () => void this.#all.delete(socket.id));
    connection.open();
    // what was revoked meanwhile may be his
    if (identity.orders !== orders()) void connection.recheck();
    tell({ type: "connected", connection: socket.id, userId: identity.principal?.id });
    if (this.#isStopping()) void this.#drain(connection);
  }

  obey(type: GatewayOrder, of: GatewaySelection, before: number): void {
    for (const connection of this.#all.values()) {
      if (!isSelected(of, connection.principal, connection.id)) continue;
      if (type === "recheck") void connection.recheck();
      else if (connection.held.since <= before) {
        connection.close({ reason: "disconnected", message: "you were disconnected" });
      }
    }
  }

  tellGap(feed: TopicFeed, reason: string): void {
    for (const connection of this.#all.values()) connection.tellGap(feed, reason);
  }

  /** Tells each when to come back; resolves when all are closed. */
  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map((each) => this.#drain(each)));
  }

  #drain(connection: Connection): Promise<void> {
    const closed = new Promise<void>(
      (resolve) => void connection.socket.conn.once("close", () => resolve()),
    );
    const reconnectInMs = Math.round(Math.random() * this.#context.options.drainOverMs);
    connection.close({ reason: "drain", message: "this node stops", reconnectInMs });
    return closed;
  }
}
