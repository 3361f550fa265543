import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { defineTopic } from "../../src/index.js";
import { Harness, listen } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

describe("a client", () => {
  it("hears what is published on its topics, by the server and by others, once and typed", async () => {
    const node = await harness.node();
    const topic = defineTopic<{ text: string }>("public.news");
    const [one, other] = [harness.client(node), harness.client(node, { token: "bob" })];
    const heard: string[] = [];
    await one.subscribe(topic, ({ text }, { topic: on }) => void heard.push(`${on} ${text}`));
    await node.pubsub.publish(topic, { text: "by the server" });
    await other.publish(topic, { text: "by another" });
    await one.publish(topic, { text: "by itself" });
    await until(() => heard.length === 3);
    expect(heard).toEqual([
      "public.news by the server",
      "public.news by another",
      "public.news by itself",
    ]);
    expect(one.userId).toBe("ada");
    expect(node.gateway.stats()).toMatchObject({
      connections: 2,
      topics: 1,
      received: 2,
      heard: 3,
    });
  });

  it("hears nothing any more after close() of a subscription, and may subscribe again", async () => {
    const node = await harness.node();
    const client = harness.client(node);
    const first = await listen(client, "public.a");
    await first.subscription.close();
    const rest = await listen(client, "public.b");
    await node.pubsub.publish("public.a", 1);
    await node.pubsub.publish("public.b", 2);
    await until(() => rest.heard.length === 1);
    expect(first.heard).toEqual([]);
    const again = await listen(client, "public.a");
    await node.pubsub.publish("public.a", 3);
    await until(() => again.heard.length === 1);
    await expect(client.subscribe("public.a", () => {})).rejects.toThrow(RangeError);
  });

  it("gets patterns only where the gateway allows them", async () => {
    const closed = await harness.node();
    await expect(harness.client(closed).subscribe("public.*", () => {})).rejects.toMatchObject({
      code: "ERR_PUBSUB_TOPIC_DENIED",
    });
    const open = await harness.node({ wildcards: true });
    const client = harness.client(open);
    const heard: string[] = [];
    await client.subscribe("public.#", (_message, { topic }) => void heard.push(topic));
    await open.pubsub.publish("public.a.b", 1);
    await until(() => heard.length === 1);
    expect(heard).toEqual(["public.a.b"]);
    await expect(client.subscribe("#", () => {})).rejects.toMatchObject({
      code: "ERR_PUBSUB_TOPIC_DENIED",
    });
  });

  it("is answered with an error when its message is not what the topic's schema wants", async () => {
    const topic = defineTopic<number>("public.number", {
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value) =>
            typeof value === "number" ? { value } : { issues: [{ message: "no number" }] },
        },
      },
    });
    const node = await harness.node({ topics: [topic] });
    const client = harness.client(node);
    await expect(client.publish<unknown>("public.number", "text")).rejects.toMatchObject({
      code: "ERR_PUBSUB_INVALID_MESSAGE",
    });
    await client.publish(topic, 1);
  });

  it("learns in time that nobody answers", async () => {
    const node = await harness.node({ authorize: () => new Promise(() => {}) });
    const client = harness.client(node);
    await expect(client.publish("public.a", 1, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "ERR_PUBSUB_ACK_TIMEOUT",
      retryable: true,
    });
  });

  it("publishes after it was made, and after the connection was lost, when there is one again", async () => {
    const node = await harness.node();
    const client = harness.client(node);
    const { heard } = await listen(client, "public.a");
    (client.socket as { disconnect(): void }).disconnect();
    await client.publish("public.a", 1);
    await until(() => heard.length === 1);
    expect(node.events.filter(({ type }) => type === "connected")).toHaveLength(2);
  });
});

describe("presence", () => {
  it("shows who is on a topic, on all nodes, each account once", async () => {
    const pubsub = harness.pubsub();
    const [first, second] = [
      await harness.node({}, { pubsub }),
      await harness.node({}, { pubsub }),
    ];
    const seen: string[][] = [];
    const ada = harness.client(first);
    await ada.subscribe("public.room", () => {}, {
      onPresence: (members) => void seen.push(members.map(({ id }) => id)),
      presence: { name: "Ada" },
    });
    const bob = harness.client(second, { token: "bob" });
    const again = harness.client(second, { token: "bob" });
    const room = await bob.subscribe("public.room", () => {}, { onPresence: () => {} });
    await until(() => seen.at(-1)?.length === 2);
    expect(room.members).toEqual(
      expect.arrayContaining([{ id: "ada", data: { name: "Ada" } }, { id: "bob" }]),
    );
    await again.subscribe("public.room", () => {}, { onPresence: () => {} });
    await until(() => first.gateway.connectionsOf("bob") === 2);
    await bob.close();
    await until(() => first.gateway.connectionsOf("bob") === 1);
    expect(first.gateway.members("public.room").map(({ id }) => id)).toEqual(["ada", "bob"]);
    await again.close();
    await until(() => seen.at(-1)?.length === 1);
    expect(seen).toEqual([["ada"], ["ada", "bob"], ["ada"]]);
    expect(second.gateway.members("public.room").map(({ id }) => id)).toEqual(["ada"]);
  });

  it("a node that stops takes its members with it", async () => {
    const pubsub = harness.pubsub();
    const [first, second] = [
      await harness.node({}, { pubsub }),
      await harness.node({}, { pubsub }),
    ];
    const bob = harness.client(second, { token: "bob" });
    await bob.subscribe("public.room", () => {}, { onPresence: () => {} });
    await until(() => first.gateway.members("public.room").length === 1);
    await bob.close();
    await second.gateway.stop();
    expect(first.gateway.members("public.room")).toEqual([]);
  });
});

describe("a topic that looks like something of the gateway's", () => {
  it("is one as any other: it shows who is there, and changes no limit", async () => {
    const node = await harness.node({ authorize: () => true, maxConnectionsPerUser: 1 });
    const client = harness.client(node);
    const seen: string[][] = [];
    const room = await client.subscribe("@users", () => {}, {
      onPresence: (members) => void seen.push(members.map(({ id }) => id)),
    });
    const bob = harness.client(node, { token: "bob" });
    await bob.subscribe("@users", () => {}, { onPresence: () => {} });
    await until(() => seen.at(-1)?.length === 2);
    await room.close();
    expect(node.gateway.connectionsOf("ada")).toBe(1);
    expect(node.gateway.members("@users").map(({ id }) => id)).toEqual(["bob"]);
    const more = harness.client(node);
    await until(() => more.state === "disconnected");
  });
});

describe("disconnect()", () => {
  it("closes a user's connections on every node, for good", async () => {
    const pubsub = harness.pubsub();
    const nodes = [await harness.node({}, { pubsub }), await harness.node({}, { pubsub })];
    const clients = nodes.map((node) => harness.client(node));
    const bob = harness.client(nodes[0]!, { token: "bob" });
    for (const each of [...clients, bob]) await each.connected();
    await nodes[0]!.gateway.disconnect({ userId: "ada" });
    await until(() => clients.every(({ state }) => state === "closed"));
    expect(bob.state).toBe("connected");
  });
});

describe("limits", () => {
  it("maxConnections: one more is refused, and the others stay", async () => {
    const node = await harness.node({ maxConnections: 1 });
    const first = harness.client(node);
    await first.connected();
    const second = harness.client(node, { token: "bob" });
    await until(() => second.state === "disconnected");
    expect(node.events).toContainEqual(
      expect.objectContaining({ type: "refused", reason: "maxConnections" }),
    );
    await first.close();
    await second.connected();
  });

  it("maxConnectionsPerUser: counts on all nodes", async () => {
    const pubsub = harness.pubsub();
    const options = { maxConnectionsPerUser: 2 };
    const nodes = [
      await harness.node(options, { pubsub }),
      await harness.node(options, { pubsub }),
    ];
    for (const node of nodes) await harness.client(node).connected();
    await until(() => nodes.every(({ gateway }) => gateway.connectionsOf("ada") === 2));
    const third = harness.client(nodes[0]!);
    await until(() => third.state === "disconnected");
    const bob = harness.client(nodes[0]!, { token: "bob" });
    await bob.connected();
    expect(bob.userId).toBe("bob");
  });

  it("maxConnections and maxConnectionsPerUser: streams of events count too", async () => {
    const pubsub = harness.pubsub();
    const options = { maxConnectionsPerUser: 2 };
    const nodes = [
      await harness.node(options, { pubsub }),
      await harness.node({ ...options, maxConnections: 2 }, { pubsub }),
    ];
    const [first, second] = nodes;
    const stream = async (node: (typeof nodes)[number], token: string) =>
      fetch(`${node.url}/events?topic=public.a`, { headers: { authorization: `Bearer ${token}` } });
    const open = await stream(first!, "ada");
    await harness.client(second!).connected();
    await until(() => nodes.every(({ gateway }) => gateway.connectionsOf("ada") === 2));
    expect((await stream(second!, "ada")).status).toBe(503);
    expect((await stream(second!, "bob")).status).toBe(200);
    // two of two
    expect((await stream(second!, "bob")).status).toBe(503);
    const late = harness.client(second!, { token: "bob" });
    await until(() => late.state === "disconnected");
    await open.body!.cancel();
    await until(() => nodes.every(({ gateway }) => gateway.connectionsOf("ada") === 1));
  });

  it("maxTopicsPerConnection and maxTopics: one more is refused", async () => {
    const node = await harness.node({ maxTopicsPerConnection: 2, maxTopics: 3 });
    const client = harness.client(node);
    for (const topic of ["public.1", "public.2"]) await listen(client, topic);
    await expect(listen(client, "public.3")).rejects.toMatchObject({ code: "ERR_PUBSUB_TOO_MANY" });
    const other = harness.client(node, { token: "bob" });
    await listen(other, "public.3");
    await expect(listen(other, "public.4")).rejects.toMatchObject({ code: "ERR_PUBSUB_TOO_MANY" });
  });

  it("inboundRate: answers with an error, and closes who does not stop", async () => {
    const node = await harness.node({ inboundRate: 5 });
    const client = harness.client(node);
    await client.connected();
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => client.publish("public.a", at)),
    );
    const failed = results.filter(({ status }) => status === "rejected");
    expect(failed.length).toBeGreaterThanOrEqual(4);
    expect(failed[0]).toMatchObject({
      reason: { code: "ERR_PUBSUB_CLIENT_RATE", retryable: true },
    });
    expect(client.state).toBe("connected");
    await Promise.allSettled(Array.from({ length: 50 }, (_, at) => client.publish("public.a", at)));
    await until(() => client.state === "closed");
    expect(node.events).toContainEqual(
      expect.objectContaining({ type: "closed", reason: "flood" }),
    );
  });
});

describe("stop()", () => {
  // trap: engine.io waits 30 s for who goes away to poll once more, and holds the process for that long
  it("is held up by no client that polled and went away", async () => {
    const node = await harness.node({ transports: ["polling"] });
    const path = `${node.url}/realtime/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(path)).text()).slice(1)) as { sid: string };
    await fetch(`${path}&sid=${sid}`, { method: "POST", body: '40{"token":"ada"}' });
    await until(() => node.gateway.stats().connections === 1);
    await (await fetch(`${path}&sid=${sid}`)).text();
    const timers = jest.spyOn(globalThis, "setTimeout");
    const controller = new AbortController();
    const polling = fetch(`${path}&sid=${sid}`, controller).catch(() => {});
    controller.abort();
    await polling;
    await node.gateway.stop();
    const longest = Math.max(...timers.mock.calls.map(([, ms]) => ms ?? 0));
    timers.mockRestore();
    expect(longest).toBeLessThan(30_000);
  });
});

describe("attach()", () => {
  it("leaves the server's other requests to the application, and the server open when it stops", async () => {
    const node = await harness.node();
    expect(await (await fetch(`${node.url}/other`)).text()).toBe("of the application");
    await node.gateway.stop();
    expect(await (await fetch(`${node.url}/other`)).text()).toBe("of the application");
    expect(await node.gateway.health()).toMatchObject({ status: "down" });
  });
});
