import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import {
  authentication,
  concurrency,
  ipFilter,
  maintenance,
  rateLimit,
  tenant,
} from "@infra/middleware";
import { currentRequest } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";
import { WebSocket } from "ws";

import { MemoryLogger, until } from "./clients.js";
import { cleanUp, createServerManager, undo } from "./fixture.js";

afterEach(cleanUp);

describe("metrics and probes", () => {
  it("measures requests by route and status, at /metrics", async () => {
    const server = createServerManager({ metrics: { process: false, buckets: [1] } });
    server.get("/notes/:id", () => "x");
    await server.start();
    for (const path of ["/notes/1", "/notes/2", "/nowhere"])
      await (await fetch(server.url + path)).text();
    const response = await fetch(`${server.url}/metrics`);
    const text = await response.text();

    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(text).toContain(
      'http_request_duration_seconds_count{method="GET",route="/notes/:id",status="200"} 2',
    );
    expect(text).toMatch(/count\{method="GET",route="none",status="404"\} 1/);
    expect(text).toMatch(/^http_requests_in_flight 1$/m);
    expect(text).toMatch(/^http_connections [1-9]/m);
  });

  it("answers both on a port of their own, to the end of a stop", async () => {
    const server = createServerManager({
      metrics: true,
      management: { port: 0 },
      stopDelay: 60_000,
    });
    let release!: () => void;
    server.get("/slow", () => new Promise((resolve) => (release = () => resolve("slow"))));
    await server.start();
    const managing = server.managementUrl!;

    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(404);
    expect((await fetch(`${managing}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${managing}/metrics`)).text()).toContain("nodejs_eventloop_lag");
    const slow = fetch(`${server.url}/slow`);
    await until(() => server.stats().inFlight === 1);
    const abort = new AbortController();
    const stopped = server.stop({ signal: abort.signal });
    // readiness is down while the server still accepts
    expect((await fetch(`${managing}/health/ready`)).status).toBe(503);
    expect((await fetch(`${managing}/health/live`)).status).toBe(200);
    release();
    expect((await slow).headers.get("connection")).toBe("keep-alive");
    const late = await fetch(`${server.url}/nowhere`);
    expect(late.headers.get("connection")).toBe("close");
    abort.abort();
    await stopped;
    await expect(fetch(`${managing}/health/live`)).rejects.toThrow("fetch failed");
  });

  it("answers both to whoever asks, whatever plugins there are", async () => {
    const server = createServerManager({ metrics: { process: false } });
    server.register(ipFilter, { allow: [] });
    server.register(maintenance, { enabled: true });
    server.register(rateLimit, { limit: 0 });
    server.register(concurrency, { limit: 1 });
    server.register(authentication, { authenticator: { authenticate: async () => undefined } });
    server.register(tenant, { from: () => undefined });
    server.get("/", () => "ok");
    await server.start();

    expect((await fetch(server.url!)).status).toBe(403);
    for (const path of ["/health/live", "/health/ready", "/health/startup", "/metrics"]) {
      expect((await fetch(server.url + path)).status).toBe(200);
    }
  });

  it("sheds load while the event loop is late, but answers probes", async () => {
    const server = createServerManager({ maxEventLoopDelay: 20 });
    server.get("/", () => "ok");
    await server.start();
    expect((await fetch(server.url!)).status).toBe(200);
    let refused: Response | undefined;
    while (refused === undefined) {
      // a turn of the loop that is far too long
      const end = performance.now() + 400;
      while (performance.now() < end);
      const response = await fetch(server.url!);
      if (response.status === 503) refused = response;
    }
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.json()).toMatchObject({ code: "ERR_UNAVAILABLE" });
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });
});

async function open(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url.replace("http", "ws"), { headers });
  undo.push(() => socket.terminate());
  const outcome = await Promise.race([
    once(socket, "open").then(() => "open"),
    once(socket, "unexpected-response").then(
      ([, response]) => (response as IncomingMessage).statusCode,
    ),
  ]);
  return { socket, outcome };
}

describe("WebSockets", () => {
  it("talk, stay open beyond the handler's time, and are told when the server stops", async () => {
    const server = createServerManager({ handlerTimeout: 50, stopTimeout: "10s" });
    server.websocket("/echo", (socket) => {
      socket.on("message", (text: Buffer) => socket.send(`echo ${text.toString()}`));
    });
    await server.start();
    const { socket } = await open(`${server.url}/echo`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.send("hi");
    const [message] = (await once(socket, "message")) as [Buffer];
    expect(String(message)).toBe("echo hi");
    const closed = once(socket, "close");
    await server.stop();
    expect((await closed)[0]).toBe(1001);
  });

  it("Trap: pages of other sites are refused, unless they are named; a plain request is told what to do", async () => {
    const server = createServerManager();
    server.websocket("/", () => undefined, { origins: ["https://app.test"] });
    await server.start();
    const { host } = new URL(server.url!);

    expect((await open(server.url!, { origin: "https://evil.test" })).outcome).toBe(403);
    expect((await open(server.url!, { origin: "https://app.test" })).outcome).toBe("open");
    expect((await open(server.url!, { origin: `http://${host}` })).outcome).toBe("open");
    expect((await open(server.url!)).outcome).toBe("open");
    expect((await fetch(server.url!)).status).toBe(426);
  });
});

/** Asks from somewhere below a handler. */
const deep = async () => {
  await new Promise(setImmediate);
  return currentRequest()?.id;
};

describe("the context of a request", () => {
  it("is at hand anywhere below the handler, with and without a body, with asyncContext", async () => {
    const server = createServerManager({ asyncContext: true });
    server.get("/", deep).post("/", deep);
    await server.start();
    const headers = { "x-request-id": "r-1", "content-type": "application/json" };

    expect(await (await fetch(server.url!, { headers })).text()).toBe("r-1");
    const post = { method: "POST", body: JSON.stringify({ a: "x".repeat(200_000) }), headers };
    expect(await (await fetch(server.url!, post)).text()).toBe("r-1");
    expect(currentRequest()).toBeUndefined();
  });

  it("has a deadline, who is asking, and whether the server stops", async () => {
    const server = createServerManager({ handlerTimeout: "10s" });
    server.fastify.addHook("onRequest", (request, _reply, next) => {
      Object.assign(request, { principal: { id: "ada", roles: [] } });
      next();
    });
    server.get("/", ({ context }) => ({
      leftMs: context.deadline - Date.now(),
      who: context.principal?.id,
      stopping: context.stopping.aborted,
    }));
    const answer = (await server.inject("/")).json<{ leftMs: number }>();

    expect(answer).toMatchObject({ who: "ada", stopping: false });
    expect(answer.leftMs).toBeGreaterThan(5000);
    expect(answer.leftMs).toBeLessThanOrEqual(10_000);
  });

  it("is listed by the access log, a sample of it", async () => {
    const logger = new MemoryLogger();
    const server = createServerManager({ accessLog: { sample: 0 } }, { logger });
    server.get("/", () => "ok");
    await server.inject("/");
    await server.inject("/nowhere");

    expect(logger.lines.map(({ line }) => line)).toEqual(["info GET /nowhere 404"]);
  });
});
