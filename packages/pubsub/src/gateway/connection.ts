import type { Principal } from "@infra/interfaces";

import type { ConnectionContext, GatewaySocket } from "./connection-context.js";
import { ConnectionRequests } from "./connection-requests.js";
import { ConnectionTopics } from "./connection-topics.js";
import { eventOf, type FeedBatch } from "./feed-batch.js";
import type { FeedSink } from "./feed-reader.js";
import { HeldCredential, type Identity } from "./held-credential.js";
import { OutboundMeter, type EngineConnection } from "./outbound-meter.js";
import { usersTopic } from "./presence.js";
import type { Farewell } from "./protocol.js";
import { TokenBucket } from "./token-bucket.js";
import type { FeedEntry, FeedListener, TopicFeed } from "./topic-feed.js";
import { toWireError } from "./wire-error.js";

const terminateAfterMs = 1_000;
const tooSlow: Farewell = { reason: "slow", message: "you read too slowly" };

/** One client. */
export class Connection implements FeedSink, FeedListener {
  readonly socket: GatewaySocket;
  readonly held: HeldCredential;
  readonly topics: ConnectionTopics;
  readonly #context: ConnectionContext;
  readonly #conn: EngineConnection;
  readonly #meter: OutboundMeter;
  // whether packets are as `FeedBatch` encodes them
  readonly #plain: boolean;
  #cancelSlow: (() => void) | undefined;
  #closed = false;

  constructor(socket: GatewaySocket, context: ConnectionContext, identity: Identity) {
    this.socket = socket;
    this.#context = context;
    const { options, clock, auth, logger } = context;
    this.#conn = socket.conn as unknown as EngineConnection;
    // a client that polls no more would keep the process for 30 s
    this.#conn.transport.closeTimeout = terminateAfterMs;
    this.#meter = new OutboundMeter(this.#conn, options.maxOutboundBytes, () => this.#tooSlow());
    this.#plain = options.socketOptions["parser"] === undefined;
    this.held = new HeldCredential(identity, {
      auth,
      clock,
      logger,
      downgrade: options.onExpiry === "downgrade",
      changed: (before) => this.#changed(before),
      review: () => this.#review(),
      ended: () =>
        this.close({ reason: "credential", message: "the credential does not hold any more" }),
    });
    this.topics = new ConnectionTopics({
      id: socket.id,
      sink: this,
      feeds: context.feeds,
      pubsub: context.pubsub,
      presence: context.presence,
      maxTopics: options.maxTopicsPerConnection,
      maxReplay: options.maxReplay,
      watch: (topic, watching) => {
        if (watching) void socket.join(`presence:${topic}`);
        else void socket.leave(`presence:${topic}`);
      },
    });
    const most = 4 * options.inboundRate;
    const flood = new TokenBucket({ burst: most, perSecond: most }, clock);
    this.#conn.on("packet", ({ type }: { readonly type: string }) => {
      if (type === "message" && flood.take() < 0) {
        this.close({ reason: "flood", message: "too many messages" });
      }
    });
  }

  get id(): string {
    return this.socket.id;
  }

  get principal(): Principal | undefined {
    return this.held.principal;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Says hello, and does what the client asks for. */
  open(): void {
    const { options, presence } = this.#context;
    this.socket.on("disconnect", (reason, description) => this.#disconnected(reason, description));
    // a broken message: socket.io closes the connection after this
    this.socket.on("error", (error: Error) => {
      this.#context.logger.warn("a client sent what can't be read", { connection: this.id, error });
      this.#farewell({ reason: "protocol", message: "what you sent can't be read" });
    });
    new ConnectionRequests(this, this.#context).listen();
    if (this.principal) presence.join(usersTopic, this.id, { id: this.principal.id });
    this.held.start();
    this.socket.emit("welcome", {
      id: this.id,
      userId: this.principal?.id,
      expiresAt: this.principal?.expiresAt,
      maxBytes: options.maxInboundBytes,
    });
  }

  /** Looks at the credential again, and at every topic: what does not hold any more ends. */
  recheck(): Promise<void> {
    return this.held.recheck();
  }

  /** Closes it, and says why; who does not read is cut off. */
  close(farewell: Farewell): void {
    if (this.#closed) return;
    this.#context.tell({ type: "closed", connection: this.id, reason: farewell.reason });
    this.#farewell(farewell);
    const full = !this.#meter.hasRoom;
    this.socket.disconnect(true);
    this.#end();
    if (full) this.#cut();
  }

  // what a FeedReader needs

  send(feed: TopicFeed, entry: FeedEntry): void {
    (this.socket as { emit(...event: unknown[]): unknown }).emit(...eventOf(feed.name, entry));
  }

  get hasRoom(): boolean {
    return this.#meter.hasRoom;
  }

  /** Resolves when there is room; who makes none for too long is closed. */
  async room(): Promise<void> {
    if (this.#meter.hasRoom) return;
    const { clock, options } = this.#context;
    this.#cancelSlow ??= clock.setTimeout(() => this.close(tooSlow), options.slowTimeoutMs, {
      unref: true,
    });
    await this.#meter.room();
    this.#cancelSlow?.();
    this.#cancelSlow = undefined;
  }

  join(feed: TopicFeed): void {
    feed.add(this);
  }

  leave(feed: TopicFeed): void {
    feed.delete(this);
  }

  /** What came on a feed that it joined. */
  take(feed: TopicFeed, batch: FeedBatch): void {
    if (!this.#takesFrames) {
      for (const entry of batch.entries) this.send(feed, entry);
      return;
    }
    const { text, options } = batch.encoded;
    this.#conn.write(text, options);
  }

  /** Messages of a topic may be missing. */
  tellGap(feed: TopicFeed, reason: string): void {
    const reader = this.topics.reader(feed.name);
    if (reader && !this.#closed) this.socket.emit("gap", feed.name, reason, reader.position);
  }

  /** Whether engine.io writes frames as they are, and nobody wants to see single events. */
  get #takesFrames(): boolean {
    const { name, perMessageDeflate, socket } = this.#conn.transport;
    return (
      this.#plain &&
      name === "websocket" &&
      !perMessageDeflate &&
      typeof socket?.["_sender"]?.sendFrame === "function" &&
      this.socket.listenersAnyOutgoing().length === 0
    );
  }

  /** What is no longer allowed ends. */
  async #review(): Promise<void> {
    const { auth } = this.#context;
    for (const topic of this.topics.names()) {
      try {
        await auth.check({ principal: this.principal, action: "subscribe", topic });
        if (!this.topics.isPresent(topic)) continue;
        await auth.check({ principal: this.principal, action: "presence", topic });
      } catch (error) {
        this.topics.drop(topic);
        this.socket.emit("denied", topic, toWireError(error));
      }
    }
  }

  #changed(before: Principal | undefined): void {
    const { presence } = this.#context;
    const { principal } = this;
    if (before?.id !== principal?.id) {
      presence.leave(usersTopic, this.id);
      if (principal) presence.join(usersTopic, this.id, { id: principal.id });
      this.topics.exitAll();
    }
    if (before?.id !== principal?.id || before?.expiresAt !== principal?.expiresAt) {
      this.socket.emit("credential", { userId: principal?.id, expiresAt: principal?.expiresAt });
    }
  }

  /** More waits than may: what comes is held back until it has left. */
  #tooSlow(): void {
    const { options, tell } = this.#context;
    if (this.#closed) return;
    tell({ type: "slow", connection: this.id, pendingBytes: this.#meter.pendingBytes });
    // not within the call that sends
    if (options.slow === "close") return queueMicrotask(() => this.close(tooSlow));
    for (const reader of this.topics.readers()) reader.pause();
    void this.#goOn();
  }

  async #goOn(): Promise<void> {
    await this.room();
    const conflate = this.#context.options.slow === "conflate";
    for (const reader of this.topics.readers()) {
      if (this.#closed) return;
      const gap = await reader.goOn({ conflate });
      if (gap) this.tellGap(reader.feed, gap);
    }
  }

  #farewell(farewell: Farewell): void {
    if (this.socket.connected && this.#meter.hasRoom) this.socket.emit("bye", farewell);
  }

  #disconnected(reason: string, description: unknown): void {
    const cause = (description as { readonly message?: string } | undefined)?.message ?? "";
    if (/max payload/i.test(cause)) {
      this.#context.logger.warn("a client's message was too large", { connection: this.id });
      this.#context.tell({ type: "closed", connection: this.id, reason: "too-large" });
    }
    this.#end();
    const userId = this.principal?.id;
    this.#context.tell({ type: "disconnected", connection: this.id, userId, reason });
  }

  /** Without the farewell of WebSocket, which a client may leave unanswered for 30 s, and behind what waits to be sent. */
  #cut(): void {
    this.#conn.close(true);
    this.#conn.transport.socket?.terminate?.();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.clock.setTimeout(() => this.#cut(), terminateAfterMs, { unref: true });
    this.held.stop();
    this.#cancelSlow?.();
    this.topics.dropAll();
    this.#context.presence.leave(usersTopic, this.id);
  }
}
