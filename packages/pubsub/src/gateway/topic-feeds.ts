import type { Clock } from "@infra/interfaces";

import { TooManyError } from "../errors.js";
import { TopicFeed, type TopicFeedOptions } from "./topic-feed.js";

/** Options of {@link TopicFeeds}. */
export interface TopicFeedsOptions extends Omit<TopicFeedOptions, "name"> {
  /** Topics at the most. */
  readonly maxTopics: number;
  /** How long one stays when nobody listens any more. */
  readonly lingerMs: number;
  readonly clock: Clock;
}

interface Held {
  readonly feed: TopicFeed;
  readonly opened: Promise<void>;
  users: number;
  cancelClose: (() => void) | undefined;
}

/** The feeds of one node: opened for the first client, closed some time after the last. */
export class TopicFeeds {
  readonly #options: TopicFeedsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: TopicFeedsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** @throws TooManyError (`ERR_PUBSUB_TOO_MANY`) when there are too many; what the subscription throws. */
  async acquire(name: string): Promise<TopicFeed> {
    const held = this.#held.get(name) ?? this.#open(name);
    held.cancelClose?.();
    held.cancelClose = undefined;
    held.users += 1;
    try {
      await held.opened;
    } catch (error) {
      if (this.#held.get(name) === held) this.#held.delete(name);
      throw error;
    }
    return held.feed;
  }

  release(feed: TopicFeed): void {
    const held = this.#held.get(feed.name);
    if (held?.feed !== feed) return;
    held.users -= 1;
    if (held.users > 0) return;
    held.cancelClose = this.#options.clock.setTimeout(
      () => {
        this.#held.delete(feed.name);
        void feed.close();
      },
      this.#options.lingerMs,
      { unref: true },
    );
  }

  async close(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    for (const { cancelClose } of all) cancelClose?.();
    await Promise.all(
      all.map(({ feed, opened }) =>
        opened.then(
          () => feed.close(),
          () => {},
        ),
      ),
    );
  }

  #open(name: string): Held {
    const { maxTopics } = this.#options;
    if (this.#held.size >= maxTopics) this.#closeIdle();
    if (this.#held.size >= maxTopics) {
      throw new TooManyError(`this node has ${maxTopics} topics already (maxTopics)`, {
        details: { limit: "maxTopics", most: maxTopics },
      });
    }
    const feed = new TopicFeed({ ...this.#options, name });
    const held: Held = { feed, opened: feed.open(), users: 0, cancelClose: undefined };
    held.opened.catch(() => {});
    this.#held.set(name, held);
    return held;
  }

  /** The one that nobody listened to for longest, or longest-opened. */
  #closeIdle(): void {
    for (const [name, { feed, users, cancelClose }] of this.#held) {
      if (users > 0) continue;
      cancelClose?.();
      this.#held.delete(name);
      void feed.close();
      return;
    }
  }
}
