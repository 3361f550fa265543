import { randomBytes } from "node:crypto";

import type { Logger, MessageContext, PubSub, Subscription } from "@infra/interfaces";

import { fromCursor } from "../envelope.js";
import type { PubSubService } from "../pubsub-service.js";
import { FeedBatch } from "./feed-batch.js";
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
  take(feed: TopicFeed, batch: FeedBatch): void;
}

/** Options of {@link TopicFeed}. */
export interface TopicFeedOptions {
  /** A topic or a pattern. */
  readonly name: string;
  readonly pubsub: GatewayPubSub;
  readonly logger: Logger;
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** A message came. */
  readonly onEntry: () => void;
  readonly onGap: (feed: TopicFeed, reason: string) => void;
}

interface Recent extends FeedEntry {
  readonly size: number;
  readonly seq: number;
}

const batchBytes = 65_536;

/**
 * What one node hears of a topic: one subscription for all of its clients, and what came lately for those who come back.
 * What comes in one turn is handed over together.
 */
export class TopicFeed {
  readonly name: string;
  readonly durable: boolean;
  readonly #options: TopicFeedOptions;
  readonly #listeners = new Set<FeedListener>();
  readonly #hand = (): void => this.#flush();
  #subscription: Subscription | undefined;
  // not handed over yet
  #waiting: Recent[] = [];
  #waitingBytes = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #recent: Recent[] = [];
  #bytes = 0;
  // what stands before the first of the recent ones
  #start = startOf();
  #epoch: string | undefined;
  #startSeq = 0;

  constructor(options: TopicFeedOptions) {
    this.name = options.name;
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
          this.#flush();
          this.#forget();
          onGap(this, reason);
        },
      },
    );
    if (!this.durable) return;
    try {
      const cursor = await pubsub.cursor!();
      this.#flush();
      this.#beginAt(cursor);
    } catch (error) {
      await this.#subscription.close();
      throw error;
    }
  }

  /** Where it is now: what is handed over next comes after this. */
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
    this.#flush();
    this.#recent = [];
    await this.#subscription?.close();
  }

  #take(message: unknown, { topic, id, publishedAt, cursor }: MessageContext): void {
    const size = roughSize(message) + 100;
    const seq = fromCursor(cursor)?.seq ?? 0;
    this.#waiting.push({ topic, message, id, publishedAt, cursor, size, seq });
    this.#waitingBytes += size;
    this.#options.onEntry();
    if (this.#waitingBytes > batchBytes) this.#flush();
    else this.#scheduled ??= setImmediate(this.#hand);
  }

  #flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#waiting.length === 0) return;
    const { maxMessages, maxBytes } = this.#options;
    const entries = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const entry of entries) {
      const place = fromCursor(entry.cursor);
      if (place && this.#epoch !== undefined && place.epoch !== this.#epoch)
        this.#beginAt(entry.cursor!);
      this.#recent.push(entry);
      this.#bytes += entry.size;
    }
    if (this.#bytes > maxBytes || this.#recent.length > maxMessages * 2)
      this.#trim(maxMessages, maxBytes);
    const batch = new FeedBatch(this.name, entries);
    for (const listener of this.#listeners) {
      try {
        listener.take(this, batch);
      } catch (error) {
        this.#options.logger.error("a client could not be sent a message", { error });
      }
    }
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
