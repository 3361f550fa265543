import { CursorLostError } from "../errors.js";
import type { FeedEntry, GatewayPubSub, TopicFeed } from "./topic-feed.js";

/** Where a reader's messages go. */
export interface FeedSink {
  readonly closed: boolean;
  /** Sends one message of a feed. */
  send(feed: TopicFeed, entry: FeedEntry): void;
  /** Whether more can be sent now. */
  readonly hasRoom: boolean;
  /** Resolves when more can be sent, or the sink is closed. */
  room(): Promise<void>;
  /** From now on gets what comes as it comes; in the same turn. */
  join(feed: TopicFeed): void;
  leave(feed: TopicFeed): void;
}

const pageSize = 200;

/** One client's place in one feed: what it missed first, then what comes. */
export class FeedReader {
  readonly feed: TopicFeed;
  readonly #sink: FeedSink;
  readonly #pubsub: GatewayPubSub;
  readonly #maxReplay: number;
  #position: string | undefined;
  #live = false;
  #ended = false;
  #resuming: Promise<string | undefined> | undefined;

  constructor(
    feed: TopicFeed,
    sink: FeedSink,
    options: { readonly pubsub: GatewayPubSub; readonly maxReplay: number },
  ) {
    this.feed = feed;
    this.#sink = sink;
    this.#pubsub = options.pubsub;
    this.#maxReplay = options.maxReplay;
  }

  /** What was sent last. */
  get position(): string {
    return this.#live ? this.feed.position : (this.#position ?? this.feed.position);
  }

  /**
   * Sends what came after a position, then what comes; `undefined`: only that. Resolves to why messages may be missing.
   */
  begin(after: string | undefined): Promise<string | undefined> {
    this.#position = after;
    return (this.#resuming = this.#resume().finally(() => (this.#resuming = undefined)));
  }

  /** Holds back what comes, until `goOn`. */
  pause(): void {
    if (!this.#live) return;
    this.#position = this.feed.position;
    this.#live = false;
    this.#sink.leave(this.feed);
  }

  /** After `pause`: with what came meanwhile, or only the last of it. Resolves to why messages may be missing. */
  async goOn({ conflate }: { readonly conflate: boolean }): Promise<string | undefined> {
    // one that was sending what was missed goes on with that by itself, and one that was not held back has nothing to do
    if (this.#resuming || this.#live) return undefined;
    if (!conflate) return this.begin(this.#position);
    const missed = this.feed.after(this.#position ?? this.feed.position);
    // also where what came in between is forgotten
    const last = missed ? missed.at(-1) : this.feed.last;
    if (last) this.#sink.send(this.feed, last);
    this.#join();
    if (missed && missed.length < 2) return undefined;
    return `you read too slowly: ${missed ? `${missed.length - 1} messages` : "messages"} were left out`;
  }

  end(): void {
    this.#ended = true;
    this.#live = false;
    this.#sink.leave(this.feed);
  }

  async #resume(): Promise<string | undefined> {
    let sent = 0;
    for (;;) {
      if (this.#ended || this.#sink.closed) return undefined;
      if (this.#position === undefined) return this.#join();
      if (!this.#sink.hasRoom) {
        await this.#sink.room();
        continue;
      }
      const missed = this.feed.after(this.#position);
      if (missed) {
        if (sent + missed.length > this.#maxReplay)
          return this.#skip("more was missed than is sent again");
        if (this.#sendAll(missed)) return this.#join();
        sent += missed.length;
        continue;
      }
      if (!this.feed.durable) return this.#skip("this node does not know what was seen last");
      const page = await this.#page();
      if (typeof page === "string") return this.#skip(page);
      if (page.length === 0) {
        // nothing between the position and where the feed begins
        this.#position = this.feed.start;
        continue;
      }
      sent += page.length;
      if (sent > this.#maxReplay) return this.#skip("more was missed than is sent again");
      while (!this.#sendAll(page)) {
        await this.#sink.room();
        if (this.#ended || this.#sink.closed) return undefined;
        const at = page.findIndex(({ cursor }) => cursor === this.#position);
        page.splice(0, at + 1);
      }
    }
  }

  /** Whether there was room for all of them. */
  #sendAll(entries: readonly FeedEntry[]): boolean {
    for (const entry of entries) {
      if (!this.#sink.hasRoom) return false;
      this.#sink.send(this.feed, entry);
      this.#position = entry.cursor ?? entry.id;
    }
    return true;
  }

  /** The next messages that are kept, or why there are none. */
  async #page(): Promise<FeedEntry[] | string> {
    try {
      const { messages } = await this.#pubsub.history!(this.feed.name, {
        cursor: this.#position,
        limit: pageSize,
      });
      return [...messages];
    } catch (error) {
      if (CursorLostError.is(error)) return "what was missed is no longer kept";
      return `what was missed can't be read now: ${(error as Error).message}`;
    }
  }

  #skip(reason: string): string {
    this.#join();
    return reason;
  }

  #join(): undefined {
    this.#live = true;
    this.#position = undefined;
    this.#sink.join(this.feed);
    return undefined;
  }
}
