import type { IncomingMessage, ServerResponse } from "node:http";

import { importPeer } from "@infra/errors";
import {
  optional,
  section,
  silentLogger,
  systemClock,
  token,
  tokens,
  type Authenticator,
  type Authorizer,
  type Clock,
  type Credential,
  type HealthReport,
  type HttpServer,
  type Inject,
  type Logger,
  type Managed,
  type Principal,
  type StopContext,
  type Subscription,
  type Token,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";
import type { Server, Socket } from "socket.io";

import { TooManyError } from "../errors.js";
import { gatewayConfig } from "./config.js";
import { Connection, type ConnectionContext } from "./connection.js";
import type { EventStream } from "./event-stream.js";
import { EventStreams, type EventStreamOptions } from "./event-streams.js";
import { GatewayAuth } from "./gateway-auth.js";
import type { GatewayEvent, GatewayStats } from "./gateway-events.js";
import {
  resolveGatewayOptions,
  type GatewayOptions,
  type ResolvedGatewayOptions,
} from "./gateway-options.js";
import { GatewayTally } from "./gateway-tally.js";
import { isOwnOrigin } from "./is-own-origin.js";
import { PresenceDirectory } from "./presence.js";
import type { ClientEvents, GatewayEvents, PresenceMember } from "./protocol.js";
import { RecheckRound } from "./recheck-round.js";
import { socketServerOptions } from "./socket-server-options.js";
import type { FeedEntry, GatewayPubSub, TopicFeed } from "./topic-feed.js";
import { TopicFeeds } from "./topic-feeds.js";
import { toWireError } from "./wire-error.js";

/** Collaborators of {@link GatewayService}. */
export interface GatewayDependencies {
  /** What clients hear and say. A `PubSubService`, or any other, whose topics are then not kept. */
  readonly pubsub: GatewayPubSub;
  /** The server that it attaches to when it starts. @default none: call `attach` */
  readonly server?: HttpServer | undefined;
  readonly authenticator?: Authenticator | undefined;
  /** Asked for `pubsub.subscribe`, `pubsub.publish` and `pubsub.presence` of `{ topic }`, where there is no `authorize`. */
  readonly authorizer?: Authorizer | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Whose connections: all of an account, those of one credential, or one. */
export type GatewaySelection =
  | { readonly userId: string }
  | { readonly credentialId: string }
  | { readonly connection: string };

interface Control {
  readonly node: string;
  readonly type: "disconnect" | "recheck";
  readonly of: GatewaySelection;
}

interface Identity {
  readonly credential: Credential | undefined;
  readonly principal: Principal | undefined;
}

/**
 * Topics for browsers and other clients, over WebSocket (socket.io) and server-sent events. What no rule allows is denied.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class GatewayService implements Managed {
  static readonly provides: Token<GatewayService> = token<GatewayService>("gateway");
  static readonly inject: Inject<typeof GatewayService> = {
    options: section(gatewayConfig),
    pubsub: tokens.pubsub,
    server: optional(tokens.server),
    authenticator: optional(tokens.authenticator),
    authorizer: optional(tokens.authorizer),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
  };

  readonly #options: ResolvedGatewayOptions;
  readonly #deps: GatewayDependencies;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #feeds: TopicFeeds;
  readonly #auth: GatewayAuth;
  readonly #presence: PresenceDirectory;
  readonly #streams: EventStreams;
  readonly #tally: GatewayTally;
  readonly #round: RecheckRound<Connection | EventStream>;
  readonly #connections = new Map<string, Connection>();
  readonly #identities = new WeakMap<object, Identity>();
  #io: Server<ClientEvents, GatewayEvents> | undefined;
  #control: Subscription | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: GatewayOptions, deps: GatewayDependencies) {
    this.#options = resolveGatewayOptions(options);
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#logger = (deps.logger ?? silentLogger).child({ category: "gateway" });
    this.#tally = new GatewayTally(this.#logger);
    const { pubsub } = deps;
    const shared = { pubsub, clock: this.#clock, logger: this.#logger };
    this.#feeds = new TopicFeeds({
      ...shared,
      maxMessages: this.#options.recentMessages,
      maxBytes: this.#options.recentBytes,
      maxTopics: this.#options.maxTopics,
      lingerMs: this.#options.lingerMs,
      onEntry: (feed, entry) => this.#broadcast(feed, entry),
      onGap: (feed, reason) => this.#gap(feed, reason),
    });
    this.#auth = new GatewayAuth({
      ...shared,
      authenticator: deps.authenticator,
      authorizer: deps.authorizer,
      rule: this.#options.authorize,
      anonymous: this.#options.anonymous,
      wildcards: this.#options.wildcards,
      onDenied: (action, reason) => this.#tally.tell({ type: "denied", ...action, reason }),
    });
    this.#presence = new PresenceDirectory({
      ...shared,
      topic: `infra.${this.#options.name}.presence`,
      onChange: (topic, change) => {
        if (!topic.startsWith("@"))
          this.#io?.local.to(`presence:${topic}`).emit("presence", topic, change);
      },
    });
    this.#streams = new EventStreams(this.#context, () => this.#stopping !== undefined);
    this.#round = new RecheckRound<Connection | EventStream>(
      { everyMs: this.#options.recheckEveryMs, clock: this.#clock },
      () => [...this.#connections.values(), ...this.#streams.all()],
      (each) => void each.recheck(),
    );
  }

  /** socket.io's `Server`, for everything that has no method here; there after `start()` or `attach()`. */
  get io(): unknown {
    return this.#io;
  }

  /**
   * Attaches to the collaborator `server`, if there is one, and listens to the other nodes.
   *
   * @throws PeerMissingError (`ERR_PEER_MISSING`) when `socket.io` is not installed.
   */
  start(): Promise<void> {
    return (this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    }));
  }

  /** Takes the upgrades and requests of `path` of a `node:http` (or https) server, and leaves it the others. */
  async attach(server: object): Promise<void> {
    await this.start();
    this.#io!.attach(server as never, this.#serverOptions());
  }

  /**
   * Answers a request with server-sent events of the topics that its query names, `?topic=a&topic=b`. A client that comes back
   * goes on after the `Last-Event-ID` that it shows. With Fastify: `reply.hijack()`, and `request.raw`, `reply.raw`.
   */
  async events(
    request: IncomingMessage,
    response: ServerResponse,
    options: EventStreamOptions = {},
  ): Promise<void> {
    await this.start();
    if (!isOwnOrigin(request, this.#options.origins)) {
      this.#tally.tell({ type: "refused", reason: "origin", origin: request.headers.origin });
      response.writeHead(403).end();
      return;
    }
    await this.#streams.open(request, response, options);
  }

  /** Closes connections on every node: `disconnect({ userId })`. They may come back if their credential holds. */
  async disconnect(of: GatewaySelection): Promise<void> {
    await this.#everywhere("disconnect", of);
  }

  /** Looks at credentials again, on every node, at once: call it when one was revoked or a role was taken away. */
  async recheck(of: GatewaySelection): Promise<void> {
    await this.#everywhere("recheck", of);
  }

  /** Who is present on a topic, on all nodes, each account once. */
  members(topic: string): readonly PresenceMember[] {
    return this.#presence.members(topic);
  }

  /** How many connections an account has, on all nodes. */
  connectionsOf(userId: string): number {
    return this.#presence.count("@users", userId);
  }

  /** Tells every client when to come back, and closes the connections. The HTTP server stays open. */
  stop({ signal }: StopContext = {}): Promise<void> {
    return (this.#stopping ??= (async () => {
      await this.#starting?.catch(() => {});
      this.#round.stop();
      const closed = [...this.#connections.values()].map((each) => this.#drain(each));
      this.#streams.close(this.#options.drainOverMs);
      await abortable(Promise.all(closed), { signal }).catch(() => {});
      await this.#control?.close();
      await this.#presence.close();
      await this.#feeds.close();
      if (this.#io) {
        // it would close the HTTP server too, which is not ours
        (this.#io as unknown as { httpServer: unknown }).httpServer = undefined;
        await this.#io.close();
      }
      await this.#options.adapter?.close();
    })());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async health(): Promise<HealthReport> {
    if (this.#stopping) return { status: "down", message: "it has been stopped" };
    const { connections, topics } = this.stats();
    return { status: "up", details: { connections, topics, nodes: this.#presence.nodes } };
  }

  stats(): GatewayStats {
    return {
      connections: this.#connections.size + this.#streams.size,
      topics: this.#feeds.size,
      ...this.#tally.counts,
    };
  }

  /** Calls back at everything that happens; what it returns ends that. A callback that throws changes nothing. */
  onEvent(listener: (event: GatewayEvent) => void): () => void {
    return this.#tally.subscribe(listener);
  }

  get #context(): ConnectionContext {
    return {
      options: this.#options,
      pubsub: this.#deps.pubsub,
      feeds: this.#feeds,
      auth: this.#auth,
      presence: this.#presence,
      clock: this.#clock,
      logger: this.#logger,
      tell: (event) => this.#tally.tell(event),
      received: () => void (this.#tally.counts.received += 1),
    };
  }

  async #start(): Promise<void> {
    const { Server } = await importPeer("socket.io", () => import("socket.io"), {
      for: "the gateway",
    });
    const adapter = await this.#options.adapter?.open();
    const io = new Server<ClientEvents, GatewayEvents>({
      ...this.#serverOptions(),
      ...(adapter !== undefined && { adapter: adapter as never }),
    });
    io.use(async (socket, next) => next(await this.#identify(socket)));
    io.on("connection", (socket) => this.#connected(socket));
    const { pubsub, server } = this.#deps;
    this.#control = await pubsub.subscribe<Control>(this.#controlTopic, (control) => {
      if (control.node !== this.#presence.node) this.#obey(control);
    });
    await this.#presence.open();
    this.#io = io;
    const http = server?.httpServer;
    if (http) io.attach(http as never, this.#serverOptions());
    this.#round.start();
  }

  #serverOptions(): Record<string, unknown> {
    return socketServerOptions(this.#options, {
      isStopping: () => this.#stopping !== undefined,
      connections: () => this.#connections.size,
      tell: (event) => this.#tally.tell(event),
    });
  }

  /** Why a connection is refused; `undefined` when it is not. */
  async #identify(socket: Socket<ClientEvents, GatewayEvents>): Promise<Error | undefined> {
    const { auth, headers, url } = socket.handshake;
    const credential = this.#options.credential({ auth, headers, url });
    try {
      const principal = await this.#auth.principal(credential);
      const most = this.#options.maxConnectionsPerUser;
      if (principal && this.connectionsOf(principal.id) >= most) {
        throw new TooManyError(`an account may have ${most} connections (maxConnectionsPerUser)`, {
          details: { limit: "maxConnectionsPerUser", most },
        });
      }
      this.#identities.set(socket, { credential, principal });
      return undefined;
    } catch (error) {
      const reason = (error as Error).message;
      this.#tally.tell({ type: "refused", reason, origin: headers.origin });
      return Object.assign(new Error("refused"), { data: toWireError(error) });
    }
  }

  #connected(socket: Socket<ClientEvents, GatewayEvents>): void {
    const identity = this.#identities.get(socket)!;
    const connection = new Connection(socket, this.#context, identity);
    this.#connections.set(socket.id, connection);
    socket.on("disconnect", () => void this.#connections.delete(socket.id));
    connection.open();
    this.#tally.tell({ type: "connected", connection: socket.id, userId: identity.principal?.id });
    if (this.#stopping) void this.#drain(connection);
  }

  #drain(connection: Connection): Promise<void> {
    const closed = new Promise<void>(
      (resolve) => void connection.socket.conn.once("close", () => resolve()),
    );
    const reconnectInMs = Math.round(Math.random() * this.#options.drainOverMs);
    connection.close({ reason: "drain", message: "this node stops", reconnectInMs });
    return closed;
  }

  #broadcast(feed: TopicFeed, { message, id, publishedAt, cursor, topic }: FeedEntry): void {
    this.#tally.counts.heard += 1;
    const room = this.#io?.local.to(feed.room);
    // what nodes tell each other goes through PubSub: a broadcast of socket.io is for this node's sockets
    if (topic === feed.name) room?.emit("m", feed.name, message, id, publishedAt, cursor);
    else room?.emit("m", feed.name, message, id, publishedAt, cursor ?? null, topic);
  }

  #gap(feed: TopicFeed, reason: string): void {
    this.#tally.tell({ type: "gap", topic: feed.name, reason });
    for (const connection of this.#connections.values()) connection.tellGap(feed, reason);
    this.#streams.tellGap(feed, reason);
  }

  get #controlTopic(): string {
    return `infra.${this.#options.name}.control`;
  }

  async #everywhere(type: Control["type"], of: GatewaySelection): Promise<void> {
    await this.start();
    const control: Control = { node: this.#presence.node, type, of };
    // this node does not wait for the engine
    this.#obey(control);
    await this.#deps.pubsub.publish<unknown>(this.#controlTopic, control);
  }

  #obey({ type, of }: Control): void {
    for (const connection of this.#connections.values()) {
      if (!selects(of, connection.id, connection.principal)) continue;
      if (type === "recheck") void connection.recheck();
      else connection.close({ reason: "disconnected", message: "you were disconnected" });
    }
    this.#streams.obey(type, (principal) => selects(of, undefined, principal));
  }
}

function selects(
  of: GatewaySelection,
  connection: string | undefined,
  principal: Principal | undefined,
): boolean {
  if ("userId" in of) return principal?.id === of.userId;
  if ("credentialId" in of) return principal?.credentialId === of.credentialId;
  return connection !== undefined && connection === of.connection;
}
