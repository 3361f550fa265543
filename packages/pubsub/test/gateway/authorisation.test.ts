import { request } from "node:http";

import type { Authenticator, Credential } from "@infra/interfaces";
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

describe("credentials", () => {
  it.each([
    ["none", undefined],
    ["unknown", "eve"],
  ])("%s: the connection is refused, and the client says why", async (_title, token) => {
    const node = await harness.node();
    const client = harness.client(node, token === undefined ? {} : { token });
    await expect(client.connected()).rejects.toMatchObject({ code: "ERR_PUBSUB_CREDENTIAL" });
    expect(client.state).toBe("closed");
    expect(node.gateway.stats().refused).toBe(1);
  });

  it("sessionCookie: a page that sends no token is known by its session; a token goes before", async () => {
    const asked: Credential[] = [];
    const authenticator: Authenticator = {
      authenticate: async (credential) => {
        asked.push(credential);
        return { id: credential.value, roles: [], tenantId: "a" };
      },
    };
    const node = await harness.node({ sessionCookie: "session" }, { authenticator });
    const socketOptions = { extraHeaders: { cookie: "other=1; session=ada" } };
    const page = harness.client(node, { socketOptions });
    await listen(page, "tenant.a.x");
    const program = harness.client(node, { token: "bob", socketOptions });
    await listen(program, "tenant.a.x");
    expect([page.userId, program.userId]).toEqual(["ada", "bob"]);
    expect(new Set(asked.map(({ scheme, value }) => `${scheme} ${value}`))).toEqual(
      new Set(["session ada", "bearer bob"]),
    );
    const stranger = harness.client(node, {
      socketOptions: { extraHeaders: { cookie: "sessions=ada" } },
    });
    await expect(stranger.connected()).rejects.toMatchObject({ code: "ERR_PUBSUB_CREDENTIAL" });
  });

  it("anonymous: nobody may do what the rule allows nobody", async () => {
    const node = await harness.node({ anonymous: true });
    const client = harness.client(node, {});
    await listen(client, "public.a");
    await expect(listen(client, "tenant.a.x")).rejects.toMatchObject(denied);
    expect(client.userId).toBeUndefined();
  });

  // trap: socket.io asks who it is only when the connection begins
  it("one that expires closes the connection, and nothing more is delivered", async () => {
    harness.tokens.add("short", { id: "ada", tenantId: "a", expiresAt: Date.now() + 300 });
    const node = await harness.node();
    const client = harness.client(node, { token: "short" });
    const { heard } = await listen(client, "tenant.a.x");
    const started = performance.now();
    await until(() => client.state === "closed");
    expect(performance.now() - started).toBeLessThan(2_000);
    await node.pubsub.publish("tenant.a.x", 1);
    expect(heard).toEqual([]);
    expect(node.events).toContainEqual(
      expect.objectContaining({ type: "closed", reason: "credential" }),
    );
  });

  it("onExpiry downgrade: goes on as nobody, and loses what nobody may", async () => {
    harness.tokens.add("short", { id: "ada", tenantId: "a", expiresAt: Date.now() + 300 });
    const node = await harness.node({ onExpiry: "downgrade" });
    const client = harness.client(node, { token: "short" });
    const ended: string[] = [];
    const own = await listen(client, "tenant.a.x", {
      onDenied: ({ code }) => void ended.push(code),
    });
    const open = await listen(client, "public.a");
    await until(() => ended.length === 1);
    expect(ended).toEqual(["ERR_PUBSUB_TOPIC_DENIED"]);
    await node.pubsub.publish("tenant.a.x", 1);
    await node.pubsub.publish("public.a", 1);
    await until(() => open.heard.length === 1);
    expect(own.heard).toEqual([]);
    expect(client.userId).toBeUndefined();
  });

  it("one that is renewed before it ends keeps the connection", async () => {
    let issued = 0;
    const token = (): string => {
      issued += 1;
      const name = `t${issued}`;
      harness.tokens.add(name, { id: "ada", tenantId: "a", expiresAt: Date.now() + 400 });
      return name;
    };
    const node = await harness.node();
    const client = harness.client(node, { token });
    await listen(client, "tenant.a.x");
    const id = (client.socket as { id: string }).id;
    await until(() => issued >= 4);
    expect((client.socket as { id: string }).id).toBe(id);
    expect(client.state).toBe("connected");
  });

  it("one of another account does not take the connection over", async () => {
    const node = await harness.node();
    const client = harness.client(node);
    await client.connected();
    const raw = client.socket as { emitWithAck(...args: unknown[]): Promise<unknown> };
    expect(await raw.emitWithAck("credential", "bob")).toMatchObject({
      ok: false,
      error: { code: "ERR_PUBSUB_CREDENTIAL" },
    });
    expect(node.gateway.connectionsOf("ada")).toBe(1);
  });

  it("one that is revoked closes the connection on every node, when it is told or at the next look", async () => {
    const pubsub = harness.pubsub();
    harness.tokens.add("other session", { id: "ada", tenantId: "a" });
    const nodes = [await harness.node({}, { pubsub }), await harness.node({}, { pubsub })];
    const clients = nodes.map((node) => harness.client(node));
    const other = harness.client(nodes[0]!, { token: "other session" });
    for (const each of [...clients, other]) await each.connected();
    harness.tokens.revoke("ada");
    const started = performance.now();
    await nodes[0]!.gateway.recheck({ credentialId: "ada" });
    await until(() => clients.every(({ state }) => state === "closed"));
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(other.state).toBe("connected");

    const looking = await harness.node({ recheckEvery: "50ms" });
    const late = harness.client(looking, { token: "other session" });
    await late.connected();
    harness.tokens.revoke("other session");
    await until(() => late.state === "closed");
  });

  it("an authenticator that is out of order closes nobody", async () => {
    const node = await harness.node();
    const client = harness.client(node);
    const { heard } = await listen(client, "tenant.a.x");
    harness.tokens.broken = new Error("the database is away");
    await node.gateway.recheck({ userId: "ada" });
    await until(() => harness.tokens.asked === 2);
    await node.pubsub.publish("tenant.a.x", 1);
    await until(() => heard.length === 1);
    expect(client.state).toBe("connected");
  });

  it("a role that is taken away ends the topics that it gave, at the next look", async () => {
    const node = await harness.node();
    const client = harness.client(node);
    const ended: string[] = [];
    await listen(client, "tenant.a.x", { onDenied: ({ code }) => void ended.push(code) });
    harness.tokens.add("ada", { id: "ada", tenantId: "other" });
    await node.gateway.recheck({ userId: "ada" });
    await until(() => ended.length === 1);
    expect(node.gateway.stats().connections).toBe(1);
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
