import { silentLogger, type MessageContext } from "@infra/interfaces";
import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { TopicFeed, type GatewayPubSub } from "../../src/gateway/topic-feed.js";

type Listener = (message: unknown, context: MessageContext) => void;

/** A feed, and what its subscription would bring. */
function createFeed(cursor?: () => Promise<string>) {
  const told: unknown[] = [];
  let listener!: Listener;
  let gap!: () => void;
  const pubsub: GatewayPubSub = {
    publish: async () => {},
    subscribe: async (_topic, each, options) => {
      listener = each as Listener;
      gap = () => options?.onGap?.({ pattern: "a", reason: "lost" });
      return { closed: false, close: async () => {}, [Symbol.asyncDispose]: async () => {} };
    },
    ...(cursor && { cursor, isDurable: () => true }),
  };
  const feed = new TopicFeed({
    name: "a",
    pubsub,
    logger: silentLogger,
    maxMessages: 10,
    maxBytes: 1_000_000,
    onEntry: () => {},
    onGap: () => void told.push("gap"),
  });
  const client = {
    take: (_feed: TopicFeed, { entries }: { readonly entries: readonly { message: unknown }[] }) =>
      void told.push(entries.map(({ message }) => message)),
  };
  const hear = (message: unknown, place?: string): void =>
    listener(message, {
      topic: "a",
      id: `id ${String(message)}`,
      publishedAt: 1,
      cursor: place,
      signal: new AbortController().signal,
    });
  return { feed, client, told, hear, gap: () => gap() };
}

describe("TopicFeed", () => {
  it("hands over together what comes in one turn, and what is large at once", async () => {
    const { feed, client, told, hear } = createFeed();
    await feed.open();
    feed.add(client);
    hear(1);
    hear(2);
    expect(told).toEqual([]);
    await settle();
    expect(told).toEqual([[1, 2]]);
    const large = "x".repeat(70_000);
    hear(large);
    expect(told).toEqual([[1, 2], [large]]);
  });

  it("is where it has handed over: who joins then gets the rest once", async () => {
    const { feed, client, told, hear } = createFeed();
    await feed.open();
    hear(1);
    const { position } = feed;
    expect(feed.after(position)).toEqual([]);
    feed.add(client);
    await settle();
    expect(told).toEqual([[1]]);
    expect(feed.after(position)).toHaveLength(1);
  });

  it("hands over what came before a gap, then tells of it", async () => {
    const { feed, client, told, hear, gap } = createFeed();
    await feed.open();
    feed.add(client);
    hear(1);
    gap();
    await settle();
    expect(told).toEqual([[1], "gap"]);
    expect(feed.last).toBeUndefined();
  });

  it("begins after what it heard while it opened", async () => {
    const made = createFeed(async () => {
      made.hear(1, "e.5");
      return "e.5";
    });
    await made.feed.open();
    made.feed.add(made.client);
    await settle();
    expect(made.told).toEqual([]);
    expect(made.feed.position).toBe("e.5");
    made.hear(2, "e.6");
    await settle();
    expect(made.told).toEqual([[2]]);
  });
});
