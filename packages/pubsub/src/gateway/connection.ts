import type { Clock, Credential, Logger, Principal } from "@infra/interfaces";
import type { Socket } from "socket.io";

import { ClientRateError, CredentialError } from "../errors.js";
import { checkMessage } from "../schema-check.js";
import { ConnectionTopics } from "./connection-topics.js";
import type { FeedSink } from "./feed-reader.js";
import type { GatewayAuth } from "./gateway-auth.js";
import type { GatewayEvent } from "./gateway-events.js";
import type { ResolvedGatewayOptions } from "./gateway-options.js";
import { OutboundMeter, type EngineConnection } from "./outbound-meter.js";
import type { PresenceDirectory } from "./presence.js";
import type {
  ClientEvents,
  Farewell,
  GatewayEvents,
  SubscribeAnswer,
  SubscribeRequest,
} from "./protocol.js";
import { TokenBucket } from "./token-bucket.js";
import type { FeedEntry, GatewayPubSub, TopicFeed } from "./topic-feed.js";
import type { TopicFeeds } from "./topic-feeds.js";
import { toWireError } from "./wire-error.js";

/** What connections share. */
export interface ConnectionContext {
  readonly options: ResolvedGatewayOptions;
  readonly pubsub: GatewayPubSub;
  readonly feeds: TopicFeeds;
  readonly auth: GatewayAuth;
  readonly presence: PresenceDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tell: (event: GatewayEvent) => void;
  readonly received: () => void;
}

type GatewaySocket = Socket<ClientEvents, GatewayEvents>;

const usersTopic = "@users";
const terminateAfterMs = 1_000;

/** One client. */
export class Connection implements FeedSink {
  readonly socket: GatewaySocket;
  readonly #context: ConnectionContext;
  readonly #conn: EngineConnection;
  readonly #meter: OutboundMeter;
  readonly #bucket: TokenBucket;
  readonly #topics: ConnectionTopics;
  #credential: Credential | undefined;
  #principal: Principal | undefined;
  #cancelExpiry: (() => void) | undefined;
  #cancelSlow: (() => void) | undefined;
  #checking: Promise<void> | undefined;
  #checkAgain = false;
  #closed = false;

  constructor(
    socket: GatewaySocket,
    context: ConnectionContext,
    who: { readonly credential: Credential | undefined; readonly principal: Principal | undefined },
  ) {
    this.socket = socket;
    this.#context = context;
    this.#credential = who.credential;
    this.#principal = who.principal;
    const { options, clock } = context;
    this.#conn = socket.conn as unknown as EngineConnection;
    this.#meter = new OutboundMeter(this.#conn, options.maxOutboundBytes, () => this.#tooSlow());
    this.#topics = new ConnectionTopics({
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
    const rate = options.inboundRate;
    this.#bucket = new TokenBucket({ burst: rate, perSecond: rate }, clock);
    const flood = new TokenBucket({ burst: 4 * rate, perSecond: 4 * rate }, clock);
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
    return this.#principal;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get pendingBytes(): number {
    return this.#meter.pendingBytes;
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
    this.#answer("subscribe", (request) => this.#subscribe(request));
    this.#answer("unsubscribe", async (topic) => this.#unsubscribe(topic));
    this.#answer("publish", (request) => this.#publish(request));
    this.#answer("presence", (topic) => this.#members(topic));
    this.#answer("credential", (token) => this.#renew(token));
    if (this.#principal) presence.join(usersTopic, this.id, { id: this.#principal.id });
    this.#expire();
    this.socket.emit("welcome", {
      id: this.id,
      userId: this.#principal?.id,
      expiresAt: this.#principal?.expiresAt,
      maxBytes: options.maxInboundBytes,
    });
  }

  /** Looks at the credential again, and at every topic: what does not hold any more ends. */
  recheck(): Promise<void> {
    this.#checkAgain = true;
    return (this.#checking ??= (async () => {
      while (this.#checkAgain && !this.#closed) {
        this.#checkAgain = false;
        await this.#recheckOnce();
      }
      this.#checking = undefined;
    })());
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

  send(feed: TopicFeed, { message, id, publishedAt, cursor, topic }: FeedEntry): void {
    if (topic === feed.name) this.socket.emit("m", feed.name, message, id, publishedAt, cursor);
    else this.socket.emit("m", feed.name, message, id, publishedAt, cursor ?? null, topic);
  }

  get hasRoom(): boolean {
    return this.#meter.hasRoom;
  }

  /** Resolves when there is room; who makes none for too long is closed. */
  async room(): Promise<void> {
    if (this.#meter.hasRoom) return;
    const { clock, options } = this.#context;
    this.#cancelSlow ??= clock.setTimeout(
      () => this.close({ reason: "slow", message: "you read too slowly" }),
      options.slowTimeoutMs,
      { unref: true },
    );
    await this.#meter.room();
    this.#cancelSlow?.();
    this.#cancelSlow = undefined;
  }

  join(feed: TopicFeed): void {
    void this.socket.join(feed.room);
  }

  leave(feed: TopicFeed): void {
    void this.socket.leave(feed.room);
  }

  #answer<Name extends keyof ClientEvents>(
    name: Name,
    work: (request: Parameters<ClientEvents[Name]>[0]) => Promise<object>,
  ): void {
    const handle = (request: Parameters<ClientEvents[Name]>[0], answer: unknown): void => {
      const reply = typeof answer === "function" ? (answer as (value: unknown) => void) : () => {};
      if (this.#bucket.take() < 0) {
        const error = new ClientRateError(
          `more than ${this.#context.options.inboundRate} messages a second`,
        );
        return reply({ ok: false, error: toWireError(error) });
      }
      work(request).then(
        (value) => reply({ ok: true, ...value }),
        (error: unknown) => {
          const known = toWireError(error);
          if (known.code === "ERR_INTERNAL")
            this.#context.logger.error(`${name} failed`, { error });
          reply({ ok: false, error: known });
        },
      );
    };
    (this.socket as { on(event: string, listener: typeof handle): unknown }).on(name, handle);
  }

  async #subscribe(request: SubscribeRequest): Promise<SubscribeAnswer> {
    const { auth, presence } = this.#context;
    const { topic, after, data } = isObject(request) ? request : ({} as SubscribeRequest);
    const wantsPresence = isObject(request) && request.presence === true;
    let asked: Principal | undefined | symbol = Symbol("nobody yet");
    const check = async (): Promise<void> => {
      while (asked !== this.#principal) {
        asked = this.#principal;
        await auth.check({ principal: asked, action: "subscribe", topic });
        if (wantsPresence) await auth.check({ principal: asked, action: "presence", topic });
      }
    };
    await check();
    const answer = await this.#topics.begin(
      topic,
      typeof after === "string" ? after : undefined,
      check,
    );
    if (!wantsPresence) return answer;
    if (!this.#closed) this.#topics.enter(topic, this.#principal, data);
    return { ...answer, members: presence.members(topic) };
  }

  async #unsubscribe(topic: unknown): Promise<object> {
    if (typeof topic === "string") this.#topics.drop(topic);
    return {};
  }

  async #publish(request: { readonly topic: string; readonly message: unknown }): Promise<object> {
    const { auth, options, pubsub, received } = this.#context;
    const { topic, message } = isObject(request) ? request : { topic: "", message: undefined };
    await auth.check({ principal: this.#principal, action: "publish", topic });
    const known = options.topics.find(({ name }) => name === topic);
    const checked = await checkMessage(known?.schema, topic, message);
    received();
    await pubsub.publish<unknown>(topic, checked);
    return {};
  }

  async #members(topic: string): Promise<object> {
    const { auth, presence } = this.#context;
    await auth.check({ principal: this.#principal, action: "presence", topic });
    return { members: presence.members(topic) };
  }

  /** A new credential for an old one: of the same account, or nobody's before. */
  async #renew(token: unknown): Promise<object> {
    const { auth } = this.#context;
    if (typeof token !== "string") throw new CredentialError("a credential is text");
    const credential: Credential = { scheme: "bearer", value: token };
    const principal = await auth.principal(credential);
    if (this.#principal && principal?.id !== this.#principal.id) {
      throw new CredentialError("the credential is another account's: connect anew");
    }
    this.#credential = credential;
    await this.recheck();
    return { expiresAt: this.#principal?.expiresAt };
  }

  async #recheckOnce(): Promise<void> {
    const { auth, options, logger } = this.#context;
    try {
      this.#become(await auth.principal(this.#credential));
    } catch (error) {
      if (!CredentialError.is(error)) {
        // an outage is no revocation, but what has ended has ended
        logger.error("a credential could not be looked at again", { error });
        if ((this.#principal?.expiresAt ?? Infinity) > this.#context.clock.now()) return;
      }
      if (options.onExpiry === "close") {
        return this.close({
          reason: "credential",
          message: "the credential does not hold any more",
        });
      }
      this.#credential = undefined;
      this.#become(undefined);
    }
    for (const topic of this.#topics.names()) {
      try {
        await auth.check({ principal: this.#principal, action: "subscribe", topic });
        if (!this.#topics.isPresent(topic)) continue;
        await auth.check({ principal: this.#principal, action: "presence", topic });
      } catch (error) {
        this.#topics.drop(topic);
        this.socket.emit("denied", topic, toWireError(error));
      }
    }
  }

  #become(principal: Principal | undefined): void {
    const { presence } = this.#context;
    const before = this.#principal;
    this.#principal = principal;
    this.#expire();
    if (before?.id !== principal?.id) {
      presence.leave(usersTopic, this.id);
      if (principal) presence.join(usersTopic, this.id, { id: principal.id });
      this.#topics.exitAll();
    }
    if (before?.id !== principal?.id || before?.expiresAt !== principal?.expiresAt) {
      this.socket.emit("credential", { userId: principal?.id, expiresAt: principal?.expiresAt });
    }
  }

  #expire(): void {
    const { clock } = this.#context;
    this.#cancelExpiry?.();
    const { expiresAt } = this.#principal ?? {};
    if (expiresAt === undefined) return;
    const inMs = Math.max(0, expiresAt - clock.now());
    this.#cancelExpiry = clock.setTimeout(() => void this.recheck(), inMs, { unref: true });
  }

  /** More waits than may: what comes is held back until it has left. */
  #tooSlow(): void {
    const { options, tell } = this.#context;
    if (this.#closed) return;
    tell({ type: "slow", connection: this.id, pendingBytes: this.#meter.pendingBytes });
    if (options.slow === "close") {
      // not within the call that sends
      return queueMicrotask(() => this.close({ reason: "slow", message: "you read too slowly" }));
    }
    for (const reader of this.#topics.readers()) reader.pause();
    void this.#goOn();
  }

  async #goOn(): Promise<void> {
    await this.room();
    const conflate = this.#context.options.slow === "conflate";
    for (const reader of this.#topics.readers()) {
      if (this.#closed) return;
      const gap = await reader.goOn({ conflate });
      if (gap) this.tellGap(reader.feed, gap);
    }
  }

  /** Messages of a topic may be missing. */
  tellGap(feed: TopicFeed, reason: string): void {
    const reader = this.#topics.reader(feed.name);
    if (reader && !this.#closed) this.socket.emit("gap", feed.name, reason, reader.position);
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
    const userId = this.#principal?.id;
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
    this.#cancelExpiry?.();
    this.#cancelSlow?.();
    this.#topics.dropAll();
    this.#context.presence.leave(usersTopic, this.id);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
