import { randomBytes } from "node:crypto";

import type { MessageContext, PubSub, Subscription } from "@infra/interfaces";

import { fromCursor } from "../envelope.js";
import type { PubSubService } from "../pubsub-service.js";
import { roughSize } from "./rough-size.js";

/** What a gateway publishes and subscribes with; topics are kept where it says so. */
export type GatewayPubSub = PubSub &
  Partial<Pick<PubSubService, "history" | "cursor" | "isDurable">>;

/** A message that was just heard. */
export interface FeedEntry {
  readonly topic: string;
  readonly message: unknown;
  readonly id: string;
  readonly publishedAt: number;
  readonly cursor: string | undefined;
}

/** Who gets what comes on a feed, as it comes. */
export interface FeedListener {
  take(feed: TopicFeed, entry: FeedEntry): void;
}

/** Options of {@link TopicFeed}. */
export interface TopicFeedOptions {
  /** A topic or a pattern. */
  readonly name: string;
  readonly pubsub: GatewayPubSub;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly onEntry: (feed: TopicFeed, entry: FeedEntry) => void;
  readonly onGap: (feed: TopicFeed, reason: string) => void;
}

interface Recent extends FeedEntry {
  readonly size: number;
  readonly seq: number;
}

/** What one node hears of a topic: one subscription for all of its clients, and what came lately for those who come back. */
export class TopicFeed {
  readonly name: string;
  readonly durable: boolean;
  readonly room: string;
  readonly #options: TopicFeedOptions;
  readonly #listeners = new Set<FeedListener>();
  #subscription: Subscription | undefined;
  #recent: Recent[] = [];
  #bytes = 0;
  // what stands before the first of the recent ones
  #start = startOf();
  #epoch: string | undefined;
  #startSeq = 0;

  constructor(options: TopicFeedOptions) {
    this.name = options.name;
    this.room = `topic:${options.name}`;
    this.durable = options.pubsub.isDurable?.(options.name) ?? false;
    this.#options = options;
  }

  async open(): Promise<void> {
    const { name, pubsub, onGap } = this.#options;
    this.#subscription = await pubsub.subscribe<unknown>(
      name,
      (message, context) => this.#take(message, context),
      {
        onGap: ({ reason }) => {
          this.#forget();
          onGap(this, reason);
        },
      },
    );
    if (!this.durable) return;
    try {
      this.#beginAt(await pubsub.cursor!());
    } catch (error) {
      await this.#subscription.close();
      throw error;
    }
  }

  /** Where it is now: what comes next comes after this. */
  get position(): string {
    const last = this.#recent.at(-1);
    return last ? (last.cursor ?? last.id) : this.#start;
  }

  /** What came last, if that is not forgotten. */
  get last(): FeedEntry | undefined {
    return this.#recent.at(-1);
  }

  /** What came lately; `undefined` when it is too long ago, or not known here. */
  after(position: string): readonly FeedEntry[] | undefined {
    if (position === this.position) return [];
    if (this.durable) {
      const at = fromCursor(position);
      if (!at || at.epoch !== this.#epoch || at.seq < this.#startSeq) return undefined;
      return this.#recent.filter(({ seq }) => seq > at.seq);
    }
    if (position === this.#start) return this.#recent;
    const at = this.#recent.findLastIndex(({ id }) => id === position);
    return at < 0 ? undefined : this.#recent.slice(at + 1);
  }

  /** What stands before everything that it knows. */
  get start(): string {
    return this.#start;
  }

  add(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#recent = [];
    await this.#subscription?.close();
  }

  #take(message: unknown, { topic, id, publishedAt, cursor }: MessageContext): void {
    const { maxMessages, maxBytes, onEntry } = this.#options;
    const size = roughSize(message) + 100;
    const place = fromCursor(cursor);
    if (place && this.#epoch !== undefined && place.epoch !== this.#epoch) this.#beginAt(cursor!);
    const entry = { topic, message, id, publishedAt, cursor, size, seq: place?.seq ?? 0 };
    this.#recent.push(entry);
    this.#bytes += size;
    if (this.#bytes > maxBytes || this.#recent.length > maxMessages * 2)
      this.#trim(maxMessages, maxBytes);
    onEntry(this, entry);
    for (const listener of this.#listeners) listener.take(this, entry);
  }

  #trim(maxMessages: number, maxBytes: number): void {
    let drop = Math.max(0, this.#recent.length - maxMessages);
    let bytes = this.#bytes;
    for (let at = 0; at < this.#recent.length; at += 1) {
      if (at >= drop && bytes <= maxBytes / 2) break;
      bytes -= this.#recent[at]!.size;
      drop = Math.max(drop, at + 1);
    }
    const last = this.#recent[drop - 1];
    if (!last) return;
    this.#recent = this.#recent.slice(drop);
    this.#bytes = bytes;
    this.#start = last.cursor ?? last.id;
    this.#startSeq = last.seq;
  }

  /** Something is missing: nobody can go on from before. */
  #forget(): void {
    if (this.durable) return;
    this.#recent = [];
    this.#bytes = 0;
    this.#start = startOf();
  }

  #beginAt(cursor: string): void {
    const { epoch, seq } = fromCursor(cursor)!;
    this.#epoch = epoch;
    this.#start = cursor;
    this.#startSeq = seq;
    this.#recent = this.#recent.filter((entry) => entry.seq > seq);
    this.#bytes = this.#recent.reduce((sum, { size }) => sum + size, 0);
  }
}

function startOf(): string {
  return `^${randomBytes(9).toString("base64url")}`;
}
