import type { Lifecycle, LifecycleState } from "@infra/interfaces";
import { ServerManager, type ServerDependencies, type ServerOptions } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";

import { KeepAliveClient, MemoryLogger, RawClient, until } from "./clients.js";

let server: ServerManager;
const release: (() => void)[] = [];

/** A running server with a route `/hang` that answers when the test releases it. */
async function startServer(options: ServerOptions = {}, deps: ServerDependencies = {}) {
  server = new ServerManager({ port: 0, ...options }, deps);
  server.get("/hello", () => "hello");
  server.get("/hang", () => new Promise((resolve) => release.push(() => resolve("done"))));
  await server.start();
  return server.url!;
}

afterEach(async () => {
  for (const each of release.splice(0)) each();
  await server.stop();
});

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe("ServerManager.stop", () => {
  it("Trap: ends at once with the last response, although its connection was to be kept alive", async () => {
    const url = await startServer({ stopTimeout: "30s" });
    const client = new KeepAliveClient();
    await client.get(`${url}/hello`);
    const answer = client.get(`${url}/hang`);
    await until(() => server.stats().inFlight === 1);

    const stopped = server.stop();
    release.pop()!();

    expect(await timed(stopped)).toBeLessThan(2000);
    expect(await answer).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(server.stats()).toMatchObject({ inFlight: 0, connections: 0, cut: 0 });
    expect(server.url).toBeUndefined();
  });

  it("closes idle connections at once, and those that never sent a request soon after", async () => {
    const url = await startServer({ stopTimeout: "30s" });
    const idle = new KeepAliveClient();
    await idle.get(`${url}/hello`);
    const silent = new RawClient(url);
    const half = new RawClient(url);
    half.socket.write("GET /hello HTTP/1.1\r\nhost: a\r\n");
    await until(() => server.stats().connections === 3);

    expect(await timed(server.stop())).toBeLessThan(3000);
    await Promise.all([silent.closed, half.closed]);
  });

  it("accepts no more connections", async () => {
    const url = await startServer();
    await server.stop();

    await expect(fetch(`${url}/hello`)).rejects.toThrow("fetch failed");
  });

  it("Trap: answers a request that arrives on an open connection during the stop", async () => {
    const url = await startServer();
    const hanging = fetch(`${url}/hang`);
    const client = new RawClient(url);
    await until(() => server.stats().inFlight === 1 && server.stats().connections === 2);

    const stopped = server.stop();
    client.socket.write("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n");
    await client.closed;
    release.pop()!();
    await Promise.all([stopped, hanging]);

    expect(client.received).toMatch(/^HTTP\/1.1 200/);
    expect(client.received).toMatch(/^connection: close\r$/im);
  });

  it("Trap: cuts a handler that hangs at the budget, answers it, and names it", async () => {
    const logger = new MemoryLogger();
    const url = await startServer({ stopTimeout: 200 }, { logger });
    const answer = fetch(`${url}/hang?token=secret`);
    await until(() => server.stats().inFlight === 1);

    const elapsedMs = await timed(server.stop());

    expect(elapsedMs).toBeGreaterThanOrEqual(190);
    expect(elapsedMs).toBeLessThan(2000);
    const response = await answer;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: "ERR_SERVER_STOPPED",
      detail: "The server is stopping.",
    });
    expect(server.stats().cut).toBe(1);
    expect(server.cutRequests).toEqual([
      {
        id: response.headers.get("x-request-id"),
        method: "GET",
        route: "/hang",
        elapsedMs: expect.any(Number),
      },
    ]);
    const cut = logger.lines.find(({ line }) => line.startsWith("warn"));
    expect(cut!.line).toMatch(/^warn server: cut GET \/hang after \d+ ms$/);
  });

  it("lets go at once when its signal is aborted", async () => {
    const url = await startServer({ stopTimeout: "30s" });
    const answer = fetch(`${url}/hang`);
    await until(() => server.stats().inFlight === 1);

    expect(await timed(server.stop({ signal: AbortSignal.timeout(50) }))).toBeLessThan(2000);
    expect((await answer).status).toBe(503);
  });

  it("cuts a response that has begun and does not end", async () => {
    server = new ServerManager({ port: 0, stopTimeout: 100 });
    server.get("/endless", (_request, reply) => {
      reply.hijack();
      reply.raw.write("begun");
    });
    await server.start();
    const client = new RawClient(server.url!);
    client.socket.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => client.received.includes("begun"));

    await server.stop();
    await client.closed;

    expect(server.cutRequests).toMatchObject([{ route: "/endless" }]);
  });

  it("aborts the signals of what it cuts", async () => {
    let reason: unknown;
    server = new ServerManager({ port: 0, stopTimeout: 50 });
    server.get("/", ({ signal }) => {
      signal.addEventListener("abort", () => (reason = signal.reason));
      return new Promise(() => undefined);
    });
    await server.start();
    const answer = fetch(server.url!);
    await until(() => server.stats().inFlight === 1);

    await server.stop();

    expect((await answer).status).toBe(503);
    expect(reason).toMatchObject({ code: "ERR_SERVER_STOPPED" });
  });

  it("goes on without a plugin whose onClose never ends", async () => {
    const logger = new MemoryLogger();
    server = new ServerManager({ port: 0, stopTimeout: 50 }, { logger });
    server.fastify.addHook("onClose", () => new Promise<void>(() => undefined));
    await server.start();

    expect(await timed(server.stop())).toBeLessThan(2000);
    expect(logger.lines.map(({ line }) => line)).toContain(
      "error server: a plugin's onClose hook did not end; going on without it",
    );
  });

  it("does nothing on a server that was never started, and is idempotent", async () => {
    server = new ServerManager();
    let booted = false;
    server.fastify.addHook("onReady", (done) => {
      booted = true;
      done();
    });

    await Promise.all([server.stop(), server.stop()]);
    await server[Symbol.asyncDispose]();

    expect(booted).toBe(false);
  });

  it("ends connections with their responses as soon as the lifecycle is stopping", async () => {
    let state: LifecycleState = "ready";
    const lifecycle: Lifecycle = {
      get state() {
        return state;
      },
      probe: async () => ({ status: "up", state, checks: {} }),
      shutdown: async () => undefined,
    };
    const url = await startServer({}, { lifecycle });
    const client = new KeepAliveClient();

    expect((await client.get(`${url}/hello`)).headers.connection).toBe("keep-alive");
    state = "stopping";
    expect((await client.get(`${url}/hello`)).headers.connection).toBe("close");
  });
});
