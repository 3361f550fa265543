import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Principal } from "@infra/interfaces";

import type { ConnectionContext } from "./connection-context.js";
import type { FeedBatch } from "./feed-batch.js";
import { FeedReader, type FeedSink } from "./feed-reader.js";
import { HeldCredential, type Identity } from "./held-credential.js";
import { usersTopic } from "./presence.js";
import type { FeedEntry, FeedListener, TopicFeed } from "./topic-feed.js";

/** Options of {@link EventStream}. */
export interface EventStreamSettings {
  readonly context: ConnectionContext;
  readonly topics: readonly string[];
  readonly identity: Identity;
  readonly onClose: () => void;
}

/** One client that reads over server-sent events. The id of an event says where each of its topics is. */
export class EventStream implements FeedSink, FeedListener {
  readonly #id = randomBytes(9).toString("base64url");
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #settings: EventStreamSettings;
  readonly #readers = new Map<string, FeedReader>();
  readonly #positions = new Map<string, string>();
  readonly #held: HeldCredential;
  #cancelBeat: (() => void) | undefined;
  #cancelSlow: (() => void) | undefined;
  #closed = false;

  constructor(request: IncomingMessage, response: ServerResponse, settings: EventStreamSettings) {
    this.#request = request;
    this.#response = response;
    this.#settings = settings;
    const { auth, clock, logger } = settings.context;
    this.#held = new HeldCredential(settings.identity, {
      auth,
      clock,
      logger,
      downgrade: false,
      changed: () => {},
      review: () => this.#review(),
      ended: () => this.close(),
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get principal(): Principal | undefined {
    return this.#held.principal;
  }

  /** When it began, by the clock's monotonic reading. */
  get since(): number {
    return this.#held.since;
  }

  get hasRoom(): boolean {
    const { maxOutboundBytes } = this.#settings.context.options;
    return this.#response.writableLength < maxOutboundBytes / 4;
  }

  async open(): Promise<void> {
    const { context, topics } = this.#settings;
    const { feeds, presence, pubsub, options } = context;
    this.#response.once("close", () => this.close());
    // it may be gone already
    if (this.#response.destroyed) return this.close();
    const last = positionsOf(this.#request.headers["last-event-id"]);
    this.#response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // nginx would keep them until there is enough to send
      "x-accel-buffering": "no",
    });
    this.#response.write(":\n\n");
    this.#beat();
    if (this.principal) presence.join(usersTopic, this.#id, { id: this.principal.id });
    this.#held.start();
    for (const topic of topics) {
      const feed = await feeds.acquire(topic);
      if (this.#closed) return feeds.release(feed);
      const reader = new FeedReader(feed, this, { pubsub, maxReplay: options.maxReplay });
      this.#readers.set(topic, reader);
      const gap = await reader.begin(last.get(topic));
      this.#positions.set(topic, reader.position);
      if (gap) this.tellGap(feed, gap);
    }
  }

  send(feed: TopicFeed, { topic, message, id, publishedAt, cursor }: FeedEntry): void {
    this.#positions.set(feed.name, cursor ?? id);
    this.#write("message", { topic, message, id, publishedAt });
  }

  take(feed: TopicFeed, { entries }: FeedBatch): void {
    for (const entry of entries) this.send(feed, entry);
    const { options, tell } = this.#settings.context;
    if (this.#response.writableLength <= options.maxOutboundBytes) return;
    tell({ type: "slow", connection: "sse", pendingBytes: this.#response.writableLength });
    if (options.slow === "close") return this.close();
    for (const reader of this.#readers.values()) reader.pause();
    void this.#goOn();
  }

  async room(): Promise<void> {
    if (this.hasRoom || this.#closed) return;
    const { clock, options } = this.#settings.context;
    this.#cancelSlow ??= clock.setTimeout(() => this.close(), options.slowTimeoutMs, {
      unref: true,
    });
    await new Promise<void>((resolve) => {
      this.#response.once("drain", resolve);
      this.#response.once("close", resolve);
    });
    this.#cancelSlow?.();
    this.#cancelSlow = undefined;
  }

  join(feed: TopicFeed): void {
    feed.add(this);
  }

  leave(feed: TopicFeed): void {
    feed.delete(this);
  }

  tellGap(feed: TopicFeed, reason: string): void {
    const reader = this.#readers.get(feed.name);
    if (!reader || this.#closed) return;
    this.#positions.set(feed.name, reader.position);
    this.#write("gap", { topic: feed.name, reason });
  }

  /** Looks at the credential again; the stream ends when it does not hold, or a topic is no longer allowed. */
  recheck(): Promise<void> {
    return this.#held.recheck();
  }

  /** Ends it; `retryMs` tells the client when to come back. */
  close(retryMs?: number): void {
    if (this.#closed) return;
    if (retryMs !== undefined) this.#response.write(`retry: ${retryMs}\n\n`);
    this.#closed = true;
    this.#cancelBeat?.();
    this.#held.stop();
    this.#cancelSlow?.();
    for (const reader of this.#readers.values()) {
      reader.end();
      this.#settings.context.feeds.release(reader.feed);
    }
    this.#readers.clear();
    this.#settings.context.presence.leave(usersTopic, this.#id);
    // who does not read would keep it open
    if (this.hasRoom) this.#response.end();
    else this.#response.destroy();
    this.#settings.onClose();
  }

  async #review(): Promise<void> {
    const { context, topics } = this.#settings;
    const { principal } = this;
    try {
      for (const topic of topics)
        await context.auth.check({ principal, action: "subscribe", topic });
    } catch {
      this.close();
    }
  }

  async #goOn(): Promise<void> {
    await this.room();
    const conflate = this.#settings.context.options.slow === "conflate";
    for (const reader of this.#readers.values()) {
      if (this.#closed) return;
      const gap = await reader.goOn({ conflate });
      if (gap) this.tellGap(reader.feed, gap);
    }
  }

  #write(event: string, data: unknown): void {
    const id = Buffer.from(JSON.stringify([...this.#positions])).toString("base64url");
    this.#response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #beat(): void {
    const { clock, options } = this.#settings.context;
    const beat = (): void => {
      if (this.#closed) return;
      this.#response.write(":\n\n");
      this.#beat();
    };
    this.#cancelBeat = clock.setTimeout(beat, options.pingEveryMs, { unref: true });
  }
}

/** Where each topic was, as the id of an event says. */
function positionsOf(id: string | string[] | undefined): Map<string, string> {
  try {
    const entries: unknown = JSON.parse(Buffer.from(String(id ?? ""), "base64url").toString());
    if (!Array.isArray(entries)) return new Map();
    return new Map(
      entries.filter(
        (each): each is [string, string] =>
          Array.isArray(each) && typeof each[0] === "string" && typeof each[1] === "string",
      ),
    );
  } catch {
    return new Map();
  }
}
