import { connect } from "node:net";

import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { Harness, type Node } from "./harness.js";

let harness: Harness;
const controllers: AbortController[] = [];
beforeEach(() => {
  harness = new Harness();
});
afterEach(async () => {
  for (const controller of controllers.splice(0)) controller.abort();
  await harness.close();
});

interface Stream {
  readonly status: number;
  readonly received: () => string;
  /** The data of the events of a type. */
  readonly events: (type: string) => unknown[];
  readonly lastId: () => string;
  readonly ended: () => boolean;
  readonly close: () => void;
}

async function open(
  node: Node,
  query: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const controller = new AbortController();
  controllers.push(controller);
  const response = await fetch(`${node.url}/events?${query}`, {
    headers: { authorization: "Bearer ada", ...headers },
    signal: controller.signal,
  });
  let text = "";
  let ended = false;
  void (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
      }
    } catch {
      // the test or the gateway closed it
    }
    ended = true;
  })();
  return {
    status: response.status,
    received: () => text,
    events: (type) =>
      text
        .split("\n\n")
        .filter((each) => each.includes(`event: ${type}\n`))
        .map((each) => JSON.parse(/^data: (.*)$/m.exec(each)![1]!) as unknown),
    lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!,
    ended: () => ended,
    close: () => controller.abort(),
  };
}

describe("events()", () => {
  it("sends what comes on the topics, and goes on after the Last-Event-ID", async () => {
    const node = await harness.node();
    const query = "topic=durable.a&topic=public.b";
    const stream = await open(node, query);
    expect(stream.status).toBe(200);
    await until(() => node.gateway.stats().topics === 2);
    await node.pubsub.publish("durable.a", { n: 1 });
    await node.pubsub.publish("public.b", { n: 2 });
    await until(() => stream.events("message").length === 2);
    expect(stream.events("message")).toMatchObject([
      { topic: "durable.a", message: { n: 1 } },
      { topic: "public.b", message: { n: 2 } },
    ]);
    const id = stream.lastId();
    stream.close();
    await until(() => node.gateway.stats().connections === 0);
    for (let n = 3; n < 600; n += 1)
      await node.pubsub.publish(n % 2 ? "durable.a" : "public.b", { n });
    const again = await open(node, query, { "last-event-id": id });
    await until(() => again.events("message").length === 597, { timeoutMs: 20_000 });
    const of = (topic: string): number[] =>
      (again.events("message") as { topic: string; message: { n: number } }[])
        .filter((each) => each.topic === topic)
        .map(({ message }) => message.n);
    for (const [topic, first] of [
      ["durable.a", 3],
      ["public.b", 4],
    ] as const) {
      expect(of(topic)).toEqual([...new Set(of(topic))].toSorted((a, b) => a - b));
      expect(of(topic)[0]).toBe(first);
    }
    expect(again.events("gap")).toEqual([]);
  });

  it("says that messages may be missing when the node does not know the Last-Event-ID", async () => {
    const node = await harness.node();
    const id = Buffer.from(JSON.stringify([["public.a", "somewhere else"]])).toString("base64url");
    const stream = await open(node, "topic=public.a", { "last-event-id": id });
    await until(() => stream.events("gap").length === 1);
    const nonsense = await open(node, "topic=public.a", { "last-event-id": "%%%" });
    expect(nonsense.status).toBe(200);
  });

  it.each([
    ["no credential", "topic=public.a", { authorization: "" }, 401],
    ["another tenant's topic", "topic=tenant.b.x", {}, 403],
    ["one of two that is not allowed", "topic=public.a&topic=tenant.b.x", {}, 403],
    ["__proto__", "topic=__proto__", {}, 403],
    ["a pattern", "topic=public.%2A", {}, 403],
    ["no topic", "", {}, 400],
    ["too many", Array.from({ length: 21 }, (_, at) => `topic=public.${at}`).join("&"), {}, 400],
  ])("%s is refused", async (_title, query, headers, status) => {
    const node = await harness.node();
    expect((await open(node, query, headers)).status).toBe(status);
    expect(node.gateway.stats()).toMatchObject({ connections: 0, topics: 0 });
  });

  it("ends with the credential, when it is told to, and with the node, with a hint when to come back", async () => {
    const node = await harness.node();
    harness.tokens.add("short", { id: "ada", tenantId: "a", expiresAt: Date.now() + 300 });
    const short = await open(node, "topic=tenant.a.x", { authorization: "Bearer short" });
    await until(() => short.ended());
    const told = await open(node, "topic=tenant.a.x");
    const revoked = await open(node, "topic=tenant.b.x", { authorization: "Bearer bob" });
    await node.gateway.disconnect({ userId: "ada" });
    await until(() => told.ended());
    harness.tokens.revoke("bob");
    await node.gateway.recheck({ credentialId: "bob" });
    await until(() => revoked.ended());
    harness.tokens.add("bob", { id: "bob", tenantId: "b" });
    const last = await open(node, "topic=public.a", { authorization: "Bearer bob" });
    await node.gateway.stop();
    await until(() => last.ended());
    expect(last.received()).toMatch(/^retry: \d+$/m);
  });

  it("is bounded for a client that stops to read: it is closed in time", async () => {
    const node = await harness.node({ slowTimeout: "300ms", recentBytes: "200kb" });
    const { hostname, port, host } = new URL(node.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => {});
    socket.pause();
    socket.write(
      `GET /events?topic=public.a HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ada\r\n\r\n`,
    );
    await until(() => node.gateway.stats().topics === 1);
    const text = "x".repeat(64_000);
    const before = process.memoryUsage().rss;
    for (let at = 0; at < 1_000; at += 1) {
      await node.pubsub.publish("public.a", text);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    await until(() => node.gateway.stats().connections === 0);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    expect(node.gateway.stats().slow).toBeGreaterThan(0);
    socket.destroy();
  });
});
