import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import type { PubSubClient } from "../../src/client.js";
import { MemoryPubSubEngine } from "../../src/drivers/memory.js";
import { Harness, listen } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Loses the connection, and keeps it lost until what is returned is called. */
function cut(
  client: PubSubClient,
  node: { readonly http: import("node:http").Server },
): () => void {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const http = node.http as unknown as { emit(name: string, ...args: unknown[]): boolean };
  const emit = http.emit.bind(http);
  // upgrades wait meanwhile, as they do off line
  http.emit = (name, ...args) => {
    if (name !== "upgrade") return emit(name, ...args);
    void opened.then(() => emit(name, ...args));
    return true;
  };
  (client.socket as { io: { engine: { close(): void } } }).io.engine.close();
  return () => {
    http.emit = emit;
    open();
  };
}

describe("a client that comes back", () => {
  it.each([
    ["a topic that is kept", "durable.a", {}],
    [
      "a topic that is kept, after more than the node remembers",
      "durable.a",
      { recentMessages: 20 },
    ],
    ["a topic that is not kept, on the node that remembers it", "public.a", {}],
  ])("%s: gets 500 missed messages, once and in order", async (_title, topic, options) => {
    const node = await harness.node(options);
    const client = harness.client(node);
    const { heard, gaps, ids } = await listen(client, topic);
    for (const each of numbers(1, 10)) await node.pubsub.publish(topic, each);
    await until(() => heard.length === 10);
    const back = cut(client, node);
    await until(() => node.gateway.stats().connections === 0);
    for (const each of numbers(11, 510)) await node.pubsub.publish(topic, each);
    back();
    // and what comes while it is sent the rest
    for (const each of numbers(511, 520)) await node.pubsub.publish(topic, each);
    await until(() => heard.length === 520);
    expect(heard).toEqual(numbers(1, 520));
    expect(new Set(ids).size).toBe(520);
    expect(gaps).toEqual([]);
  });

  it("moves to another node, and misses nothing of a topic that is kept", async () => {
    const pubsub = harness.pubsub();
    const nodes = [await harness.node({}, { pubsub }), await harness.node({}, { pubsub })];
    const client = harness.client(nodes);
    const { heard, gaps } = await listen(client, "durable.a");
    let published = 0;
    const more = async (): Promise<void> => pubsub.publish("durable.a", (published += 1));
    await more();
    await until(() => heard.length === 1);
    const stopping = nodes[0]!.gateway.stop();
    for (let at = 0; at < 200; at += 1) await more();
    await stopping;
    await until(() => nodes[1]!.gateway.stats().connections === 1);
    await more();
    await until(() => heard.length >= published);
    expect(heard).toEqual(numbers(1, published));
    expect(gaps).toEqual([]);
  });

  // trap: socket.io's own recovery "should not be expected to always succeed"
  it("is told that messages may be missing when the node does not know what it saw: never a silent hole", async () => {
    const pubsub = harness.pubsub();
    const nodes = [await harness.node({}, { pubsub }), await harness.node({}, { pubsub })];
    const client = harness.client(nodes);
    const { heard, gaps } = await listen(client, "public.a");
    await pubsub.publish("public.a", 1);
    await until(() => heard.length === 1);
    await nodes[0]!.gateway.stop();
    await pubsub.publish("public.a", "lost");
    await until(() => gaps.length === 1);
    await pubsub.publish("public.a", 2);
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 2]);
  });

  it("is told so when what it missed is no longer kept, and when it is more than is sent again", async () => {
    const pubsub = harness.pubsub({ keepMessages: 10 });
    const node = await harness.node({ recentMessages: 5, maxReplay: 30 }, { pubsub });
    for (const missed of [60, 12]) {
      const client = harness.client(node, { token: "bob" });
      const topic = `durable.of${missed}`;
      const { heard, gaps } = await listen(client, topic);
      await pubsub.publish(topic, 0);
      await until(() => heard.length === 1);
      const back = cut(client, node);
      await until(() => node.gateway.stats().connections === 0);
      for (const each of numbers(1, missed)) await pubsub.publish(topic, each);
      back();
      await client.connected();
      await until(() => (missed === 60 ? gaps.length === 1 : heard.length === 13));
      await pubsub.publish(topic, "after");
      await until(() => heard.at(-1) === "after");
      expect(gaps).toHaveLength(missed === 60 ? 1 : 0);
      await client.close();
      await until(() => node.gateway.stats().connections === 0);
    }
  });

  it("goes on after a position of an earlier client", async () => {
    const node = await harness.node();
    const first = harness.client(node);
    const { heard, subscription } = await listen(first, "durable.a");
    await node.pubsub.publish("durable.a", 1);
    await until(() => heard.length === 1);
    await first.close();
    await node.pubsub.publish("durable.a", 2);
    const late = await listen(harness.client(node), "durable.a", { after: subscription.position! });
    await until(() => late.heard.length === 1);
    expect(late.heard).toEqual([2]);
    const foreign = await listen(harness.client(node), "durable.a", { after: "nonsense" });
    expect(foreign.gaps).toHaveLength(1);
  });

  it("goes on when what is kept can be read again", async () => {
    class AwayEngine extends MemoryPubSubEngine {
      away = false;
      asked = 0;
      override async position() {
        this.asked += 1;
        if (this.away) throw new Error("away");
        return super.position();
      }
    }
    const engine = new AwayEngine({ keepMessages: 1_000, keepForMs: 60_000 });
    const node = await harness.node({ linger: "1ms" }, { pubsub: harness.pubsub({ engine }) });
    const client = harness.client(node);
    const denied: string[] = [];
    const { heard, gaps } = await listen(client, "durable.a", {
      onDenied: ({ code }) => void denied.push(code),
    });
    await node.pubsub.publish("durable.a", 1);
    await until(() => heard.length === 1);
    const back = cut(client, node);
    await until(() => node.gateway.stats().topics === 0);
    await node.pubsub.publish("durable.a", 2);
    const { asked } = engine;
    engine.away = true;
    back();
    await until(() => engine.asked > asked);
    engine.away = false;
    await until(() => heard.length === 2);
    expect([heard, gaps, denied]).toEqual([[1, 2], [], []]);
  });

  it("comes back when it is told to, not at once, when the node stops", async () => {
    const node = await harness.node({ drainOver: "400ms" });
    const client = harness.client(node);
    const hints: (number | undefined)[] = [];
    client.onEvent((event) => {
      if (event.type === "farewell") hints.push(event.farewell.reconnectInMs);
    });
    await client.connected();
    await node.gateway.stop();
    await until(() => client.state === "disconnected");
    expect(hints).toHaveLength(1);
    expect(hints[0]).toBeGreaterThanOrEqual(0);
    expect(hints[0]).toBeLessThanOrEqual(400);
  });
});
