import type { Principal } from "@infra/interfaces";

import { CredentialError, TooManyError } from "../errors.js";
import { FeedReader, type FeedSink } from "./feed-reader.js";
import type { PresenceDirectory } from "./presence.js";
import type { SubscribeAnswer } from "./protocol.js";
import type { GatewayPubSub } from "./topic-feed.js";
import type { TopicFeeds } from "./topic-feeds.js";

/** Options of {@link ConnectionTopics}. */
export interface ConnectionTopicsOptions {
  /** The connection's id. */
  readonly id: string;
  readonly sink: FeedSink;
  readonly feeds: TopicFeeds;
  readonly pubsub: GatewayPubSub;
  readonly presence: PresenceDirectory;
  readonly maxTopics: number;
  readonly maxReplay: number;
  /** Begins or ends to see who comes and leaves. */
  readonly watch: (topic: string, watching: boolean) => void;
}

/** What one connection subscribes to, and where it is present. */
export class ConnectionTopics {
  readonly #options: ConnectionTopicsOptions;
  readonly #readers = new Map<string, FeedReader>();
  readonly #present = new Set<string>();

  constructor(options: ConnectionTopicsOptions) {
    this.#options = options;
  }

  names(): Iterable<string> {
    return this.#readers.keys();
  }

  readers(): Iterable<FeedReader> {
    return this.#readers.values();
  }

  reader(topic: string): FeedReader | undefined {
    return this.#readers.get(topic);
  }

  isPresent(topic: string): boolean {
    return this.#present.has(topic);
  }

  /**
   * Sends what came after a position, then what comes. `check` is asked once more after waiting: what a client may do can
   * have changed meanwhile.
   *
   * @throws TooManyError (`ERR_PUBSUB_TOO_MANY`); what `check` throws.
   */
  async begin(
    topic: string,
    after: string | undefined,
    check: () => Promise<void>,
  ): Promise<SubscribeAnswer> {
    const { feeds, sink, pubsub, maxTopics, maxReplay } = this.#options;
    if (!this.#readers.has(topic) && this.#readers.size >= maxTopics) {
      throw new TooManyError(`a connection may have ${maxTopics} topics (maxTopicsPerConnection)`, {
        details: { limit: "maxTopicsPerConnection", most: maxTopics },
      });
    }
    const feed = await feeds.acquire(topic);
    try {
      await check();
      if (sink.closed) throw new CredentialError("the connection is closed");
    } catch (error) {
      feeds.release(feed);
      throw error;
    }
    this.drop(topic);
    const reader = new FeedReader(feed, sink, { pubsub, maxReplay });
    this.#readers.set(topic, reader);
    const gap = await reader.begin(after);
    return { position: reader.position, durable: feed.durable, gap };
  }

  /** Shows that an account is there. */
  enter(topic: string, principal: Principal | undefined, data: unknown): void {
    const { id, presence, watch } = this.#options;
    if (!principal || !this.#readers.has(topic)) return;
    this.#present.add(topic);
    presence.join(topic, id, { id: principal.id, ...(data !== undefined && { data }) });
    // after that: who comes is told by the answer that he is there
    watch(topic, true);
  }

  exit(topic: string): void {
    const { id, presence, watch } = this.#options;
    if (!this.#present.delete(topic)) return;
    watch(topic, false);
    presence.leave(topic, id);
  }

  exitAll(): void {
    for (const topic of this.#present) this.exit(topic);
  }

  drop(topic: string): void {
    const reader = this.#readers.get(topic);
    if (!reader) return;
    this.#readers.delete(topic);
    reader.end();
    this.exit(topic);
    this.#options.feeds.release(reader.feed);
  }

  dropAll(): void {
    for (const topic of this.#readers.keys()) this.drop(topic);
  }
}
