import { request } from "node:http";

import { until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { Harness, listen } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

const denied = { code: "ERR_PUBSUB_TOPIC_DENIED", retryable: false };

describe("authorisation", () => {
  it.each([
    ["without permission", "private.a"],
    ["another tenant's topic", "tenant.b.orders"],
    ["__proto__", "__proto__"],
    ["a part __proto__", "public.__proto__"],
    ["constructor", "public.constructor"],
    ["what nodes tell each other", "infra.gateway.control"],
    ["a pattern", "tenant.*.orders"],
    ["everything", "#"],
    ["no topic", "public..a"],
    ["a long one", `public.${"x".repeat(300)}`],
    ["no text", { toString: "public.a" }],
    ["nothing", undefined],
  ])("%s: denied, counted and told, and nothing is delivered", async (_title, topic) => {
    const node = await harness.node();
    const client = harness.client(node);
    await client.connected();
    const raw = client.socket as { emitWithAck(name: string, value: unknown): Promise<unknown> };
    const anything: unknown[] = [];
    (client.socket as { on(name: string, listener: () => void): void }).on("m", () =>
      anything.push(1),
    );
    expect(await raw.emitWithAck("subscribe", { topic })).toMatchObject({
      ok: false,
      error: denied,
    });
    expect(await raw.emitWithAck("publish", { topic, message: 1 })).toMatchObject({
      ok: false,
      error: denied,
    });
    expect(await raw.emitWithAck("presence", topic)).toMatchObject({ ok: false, error: denied });
    expect(node.events.filter(({ type }) => type === "denied")).toHaveLength(3);
    expect(node.gateway.stats()).toMatchObject({ denied: 3, received: 0, topics: 0 });
    await node.pubsub.publish("private.a", 1);
    await node.pubsub.publish("tenant.b.orders", 1);
    const sentinel = await listen(client, "public.sentinel");
    await node.pubsub.publish("public.sentinel", 1);
    await until(() => sentinel.heard.length === 1);
    expect(anything).toHaveLength(1);
  });

  it("what no rule allows is denied: neither a rule nor an authorizer, nor one that fails", async () => {
    const bare = await harness.node({ authorize: undefined as never });
    await expect(listen(harness.client(bare), "public.a")).rejects.toMatchObject(denied);
    const failing = await harness.node({
      authorize: () => {
        throw new Error("the rules are out of order");
      },
    });
    await expect(listen(harness.client(failing), "public.a")).rejects.toMatchObject(denied);
    const vague = await harness.node({ authorize: () => "yes" as never });
    await expect(listen(harness.client(vague), "public.a")).rejects.toMatchObject(denied);
  });

  it("asks the authorizer where there is no rule", async () => {
    const asked: unknown[] = [];
    const node = await harness.node(
      { authorize: undefined as never },
      {
        authorizer: {
          async decide(principal, action, resource) {
            asked.push([principal?.id, action, resource]);
            return { allowed: action === "pubsub.subscribe" };
          },
        },
      },
    );
    const client = harness.client(node);
    await listen(client, "public.a");
    await expect(client.publish("public.a", 1)).rejects.toMatchObject(denied);
    expect(asked).toEqual([
      ["ada", "pubsub.subscribe", { topic: "public.a" }],
      ["ada", "pubsub.publish", { topic: "public.a" }],
    ]);
  });

  it("what is sent that is no request is answered, and closes nothing", async () => {
    const node = await harness.node({ inboundRate: 1_000 });
    const client = harness.client(node);
    await client.connected();
    const raw = client.socket as {
      emit(...args: unknown[]): void;
      emitWithAck(...args: unknown[]): Promise<unknown>;
    };
    for (const name of ["subscribe", "unsubscribe", "publish", "presence", "credential"]) {
      raw.emit(name);
      for (const value of [null, 1, "x", [], {}, { topic: null }]) {
        expect(await raw.emitWithAck(name, value)).toHaveProperty("ok");
      }
    }
    await listen(client, "public.a");
  });
});

/** The status of an attempt to open a WebSocket. */
const upgrade = (url: string, origin?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const attempt = request(`${url}/realtime/?EIO=4&transport=websocket`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...(origin !== undefined && { origin }),
      },
    });
    attempt.on("response", ({ statusCode }) => resolve(statusCode!));
    attempt.on("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode!);
    });
    attempt.on("error", reject);
    attempt.end();
  });

describe("origins", () => {
  it("refuses pages of other origins, and lets in its own and those that are named", async () => {
    const node = await harness.node({ origins: ["https://app.example"] });
    expect(await upgrade(node.url, "https://evil.example")).toBe(400);
    expect(await upgrade(node.url, "https://app.example.evil.example")).toBe(400);
    expect(await upgrade(node.url, "null")).toBe(400);
    expect(await upgrade(node.url, node.url)).toBe(101);
    expect(await upgrade(node.url, "https://app.example")).toBe(101);
    expect(await upgrade(node.url)).toBe(101);
    expect(node.events.filter(({ type }) => type === "refused")).toHaveLength(3);
    const events = await fetch(`${node.url}/events?topic=public.a`, {
      headers: { origin: "https://evil.example", authorization: "Bearer ada" },
    });
    expect(events.status).toBe(403);
  });
});
