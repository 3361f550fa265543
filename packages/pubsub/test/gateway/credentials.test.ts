import type { Authenticator, Credential, Principal } from "@infra/interfaces";
import { ManualClock, until } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { GatewayService } from "../../src/gateway.js";
import { GapEngine, Harness, listen } from "./harness.js";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

const denied = { code: "ERR_PUBSUB_TOPIC_DENIED", retryable: false };

describe("a credential", () => {
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

  it("looks at each now and then, for what nobody tells", async () => {
    const node = await harness.node({ recheckEvery: "50ms" });
    const client = harness.client(node);
    await client.connected();
    harness.tokens.remove("ada");
    await until(() => client.state === "closed");
    expect(node.gateway.stats().closed).toBe(1);
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

/** One of another node: it knows the same tokens, and hears of no revocation. */
const deaf = (): Authenticator => ({
  authenticate: (credential) => harness.tokens.authenticate(credential),
});

describe("a revocation", () => {
  it.each([
    ["of one credential, told by the authenticator", () => harness.tokens.revoke("ada")],
    [
      "of an account, told by the authenticator",
      () => {
        harness.tokens.remove("ada");
        harness.tokens.tell({ accountId: "ada" });
      },
    ],
    [
      "told by hand",
      ([first]: readonly Awaited<ReturnType<Harness["node"]>>[]) => {
        harness.tokens.remove("ada");
        return first!.gateway.recheck({ credentialId: "ada" });
      },
    ],
  ])(
    "%s: closes what it concerns within 2 s on every node, and nothing else",
    async (_title, revoke) => {
      const pubsub = harness.pubsub();
      harness.tokens.add("other session", { id: "bob" });
      const nodes = [
        await harness.node({}, { pubsub }),
        await harness.node({}, { pubsub, authenticator: deaf() }),
      ];
      const clients = nodes.map((node) => harness.client(node));
      const other = harness.client(nodes[1]!, { token: "other session" });
      for (const each of [...clients, other]) await each.connected();
      const streams = await Promise.all(
        nodes.map(({ url }) =>
          fetch(`${url}/events?topic=public.a`, { headers: { authorization: "Bearer ada" } }),
        ),
      );
      const ended = Promise.all(streams.map((each) => each.text()));
      const started = performance.now();
      await revoke(nodes);
      await until(() => clients.every(({ state }) => state === "closed"));
      await ended;
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(other.state).toBe("connected");
      expect(nodes.map(({ gateway }) => gateway.stats().connections)).toEqual([0, 1]);
    },
  );

  it("is told by a process that serves nobody", async () => {
    const pubsub = harness.pubsub();
    const node = await harness.node({}, { pubsub, authenticator: deaf() });
    await using worker = new GatewayService({}, { pubsub, authenticator: harness.tokens });
    await worker.start();
    const client = harness.client(node);
    await client.connected();
    harness.tokens.revoke("ada");
    await until(() => client.state === "closed");
    expect(node.gateway.stats().closed).toBe(1);
  });

  // trap: what is revoked within a transaction still holds for others while it is open
  it("that others see a moment later is found by a second look", async () => {
    const clock = new ManualClock();
    const node = await harness.node({}, { clock });
    const client = harness.client(node);
    await client.connected();
    harness.tokens.tell({ credentialId: "ada" });
    await until(() => harness.tokens.asked === 2);
    harness.tokens.remove("ada");
    await clock.advance(1_000);
    await until(() => client.state === "closed");
    expect(node.gateway.stats().closed).toBe(1);
  });

  // trap: it comes between the look at a credential and the connection
  it("while a client is let in closes it", async () => {
    const late = {
      async authenticate(credential: Credential): Promise<Principal | undefined> {
        const principal = await harness.tokens.authenticate(credential);
        harness.tokens.revoke(credential.value);
        return principal;
      },
      onRevoked: harness.tokens.onRevoked.bind(harness.tokens),
    };
    // its clock stands still: there is no second look
    const node = await harness.node({}, { authenticator: late, clock: new ManualClock() });
    const client = harness.client(node);
    await until(() => client.state === "closed");
    expect(node.gateway.stats().connections).toBe(0);
    harness.tokens.add("ada", { id: "ada" });
    const stream = await fetch(`${node.url}/events?topic=public.a`, {
      headers: { authorization: "Bearer ada" },
    });
    await stream.text();
  });

  // trap: while nodes are out of touch they can't tell each other
  it("that a node may have missed is found as soon as it hears of the gap", async () => {
    const engine = new GapEngine();
    const node = await harness.node({}, { pubsub: harness.pubsub({ engine }) });
    const client = harness.client(node);
    await client.connected();
    harness.tokens.remove("ada");
    const started = performance.now();
    engine.tellGap("the connection was lost");
    await until(() => client.state === "closed");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("is not listened to any more after stop()", async () => {
    const node = await harness.node();
    await node.gateway.stop();
    expect(harness.tokens.listeners).toBe(0);
  });
});
