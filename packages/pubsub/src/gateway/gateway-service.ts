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
  type HealthReport,
  type HttpServer,
  type Inject,
  type Logger,
  type Managed,
  type StopContext,
  type Token,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";
import type { Server } from "socket.io";

import { gatewayConfig } from "./config.js";
import type { ConnectionContext } from "./connection-context.js";
import type { Connection } from "./connection.js";
import { Connections } from "./connections.js";
import type { EventStream } from "./event-stream.js";
import { EventStreams, type EventStreamOptions } from "./event-streams.js";
import { GatewayAuth } from "./gateway-auth.js";
import { GatewayControl, type GatewaySelection } from "./gateway-control.js";
import type { GatewayEvent, GatewayStats } from "./gateway-events.js";
import {
  resolveGatewayOptions,
  type GatewayOptions,
  type ResolvedGatewayOptions,
} from "./gateway-options.js";
import { GatewayTally } from "./gateway-tally.js";
import { isOwnOrigin } from "./is-own-origin.js";
import { PresenceDirectory, usersTopic } from "./presence.js";
import type { ClientEvents, GatewayEvents, PresenceMember } from "./protocol.js";
import { RecheckRound } from "./recheck-round.js";
import { socketServerOptions } from "./socket-server-options.js";
import type { GatewayPubSub } from "./topic-feed.js";
import { TopicFeeds } from "./topic-feeds.js";

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
  readonly #control: GatewayControl;
  readonly #round: RecheckRound<Connection | EventStream>;
  readonly #connections: Connections;
  #io: Server<ClientEvents, GatewayEvents> | undefined;
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
      onEntry: () => void (this.#tally.counts.heard += 1),
      onGap: (feed, reason) => {
        this.#tally.tell({ type: "gap", topic: feed.name, reason });
        this.#connections.tellGap(feed, reason);
        this.#streams.tellGap(feed, reason);
      },
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
        if (topic !== usersTopic)
          this.#io?.local.to(`presence:${topic}`).emit("presence", topic, change);
      },
    });
    this.#control = new GatewayControl({
      ...shared,
      authenticator: deps.authenticator,
      topic: `infra.${this.#options.name}.control`,
      node: this.#presence.node,
      obey: (type, of, before) => {
        this.#connections.obey(type, of, before);
        this.#streams.obey(type, of, before);
      },
      missed: () => this.#round.soon(),
    });
    const isStopping = (): boolean => this.#stopping !== undefined;
    this.#connections = new Connections(this.#context, isStopping);
    this.#streams = new EventStreams(this.#context, isStopping);
    this.#round = new RecheckRound<Connection | EventStream>(
      { everyMs: this.#options.recheckEveryMs, clock: this.#clock },
      () => [...this.#connections.all(), ...this.#streams.all()],
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

  /**
   * Closes connections on every node: `disconnect({ userId })`. They may come back if their credential holds. A node that can't
   * be reached closes those that are older than this call when it can, for an hour.
   *
   * @throws what `pubsub` rejects with while its engine can't be reached: by then it is done here, and the others will hear of it.
   */
  async disconnect(of: GatewaySelection): Promise<void> {
    await this.start();
    await this.#control.tell("disconnect", of);
  }

  /**
   * Looks at credentials again, on every node, at once: call it when one was revoked or a role was taken away, and the
   * authenticator does not tell that by itself (`onRevoked`).
   */
  async recheck(of: GatewaySelection): Promise<void> {
    await this.start();
    await this.#control.tell("recheck", of);
  }

  /** Who is present on a topic, on all nodes, each account once. */
  members(topic: string): readonly PresenceMember[] {
    return this.#presence.members(topic);
  }

  /** How many connections an account has, on all nodes. */
  connectionsOf(userId: string): number {
    return this.#presence.count(usersTopic, userId);
  }

  /** Tells every client when to come back, and closes the connections. The HTTP server stays open. */
  stop({ signal }: StopContext = {}): Promise<void> {
    return (this.#stopping ??= (async () => {
      await this.#starting?.catch(() => {});
      this.#round.stop();
      const closed = this.#connections.close();
      this.#streams.close(this.#options.drainOverMs);
      await abortable(closed, { signal }).catch(() => {});
      await this.#control.close();
      await this.#presence.close();
      await this.#feeds.close();
      const io = this.#io as { httpServer: unknown; engine?: unknown } | undefined;
      // one that was attached to no server has nothing to close
      if (io?.engine) {
        // it would close the HTTP server too, which is not ours
        io.httpServer = undefined;
        await this.#io!.close();
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
      connections: () => this.stats().connections,
      orders: () => this.#control.orders,
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
    io.use(async (socket, next) => next(await this.#connections.identify(socket)));
    io.on("connection", (socket) => this.#connections.add(socket));
    await this.#control.open();
    await this.#presence.open();
    this.#io = io;
    const http = this.#deps.server?.httpServer;
    if (http) io.attach(http as never, this.#serverOptions());
    this.#round.start();
  }

  #serverOptions(): Record<string, unknown> {
    return socketServerOptions(this.#options, {
      isStopping: () => this.#stopping !== undefined,
      connections: () => this.stats().connections,
      tell: (event) => this.#tally.tell(event),
    });
  }
}
