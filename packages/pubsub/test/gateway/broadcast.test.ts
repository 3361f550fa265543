import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Server, Socket } from "socket.io";

import { Harness, listen, type Node } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

const socketsOf = (node: Node): Socket[] => [
  ...(node.gateway.io as Server).sockets.sockets.values(),
];

// the lengths at which the head of a frame grows, with one, two and four bytes a character
const messages = [0, 100, 125, 126, 127, 60_000, 65_535, 65_536, 70_000].flatMap((length) => [
  "x".repeat(length),
  "ü".repeat(length),
  "🙂".repeat(length / 2),
]);

describe("a message for many", () => {
  it.each([
    ["over WebSocket", {}, {}],
    ["over polling", { transports: ["polling"] }, { transports: ["polling"] as const }],
    [
      "over polling, then WebSocket",
      { transports: ["polling", "websocket"] },
      { transports: ["polling", "websocket"] as const },
    ],
    ["compressed", { socketOptions: { perMessageDeflate: { threshold: 10 } } }, {}],
  ])("%s: comes whole and in order, from topics and patterns", async (_title, gateway, client) => {
    const node = await harness.node({ wildcards: true, maxOutboundBytes: "10mb", ...gateway });
    const heard: Awaited<ReturnType<typeof listen>>[] = [];
    for (const topic of ["durable.a", "durable.*", "public.a", "public.#"]) {
      heard.push(await listen(harness.client(node, { token: "ada", ...client }), topic));
    }
    for (const topic of ["durable.a", "public.a"]) {
      await Promise.all(messages.map((each) => node.pubsub.publish(topic, each)));
    }
    await until(() => heard.every((each) => each.heard.length === messages.length));
    for (const each of heard) {
      expect(each.heard).toEqual(messages);
      expect(each.gaps).toEqual([]);
    }
    // nor did anybody have to come back for it
    expect(node.events.filter(({ type }) => type === "disconnected")).toEqual([]);
  });

  it("is written once to each client with what came in the same turn", async () => {
    const node = await harness.node();
    const clients = [harness.client(node), harness.client(node)];
    const heard = await Promise.all(clients.map((each) => listen(each, "public.a")));
    const written: string[][] = [];
    for (const { conn } of socketsOf(node)) {
      const own: string[] = [];
      written.push(own);
      conn.on("packetCreate", ({ data }: { data: string }) => void own.push(data));
    }
    for (let at = 0; at < 10; at += 1) void node.pubsub.publish("public.a", at);
    await until(() => heard.every((each) => each.heard.length === 10));
    expect(written.map((each) => each.length)).toEqual([1, 1]);
    expect(written[0]![0]!.split("\u001e")).toHaveLength(10);
  });

  it("is seen by who listens to what a socket sends", async () => {
    const node = await harness.node();
    const { heard } = await listen(harness.client(node), "public.a");
    const seen: unknown[] = [];
    socketsOf(node)[0]!.onAnyOutgoing(
      (name, topic, message) => void seen.push([name, topic, message]),
    );
    await node.pubsub.publish("public.a", 1);
    await until(() => heard.length === 1);
    expect(seen).toEqual([["m", "public.a", 1]]);
  });

  it("comes to who joins meanwhile once, and after the answer's position", async () => {
    const node = await harness.node();
    await listen(harness.client(node), "durable.a");
    const joining = harness.client(node, { token: "bob" });
    await joining.connected();
    let published = 0;
    const publishing = (async () => {
      while (published < 2_000) {
        void node.pubsub.publish("durable.a", (published += 1));
        if (published % 3 === 0) await new Promise((resolve) => void setImmediate(resolve));
      }
    })();
    const { heard, subscription } = await listen(joining, "durable.a");
    await publishing;
    await until(() => heard.at(-1) === 2_000);
    const [first] = heard as number[];
    expect(heard).toEqual(Array.from({ length: 2_001 - first! }, (_, at) => first! + at));
    expect(subscription.position).toMatch(/\.2000$/);
  });
});
