import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

import type { Lifecycle, ProbeKind } from "@infra/interfaces";
import { ServerManager, type ServerDependencies, type ServerOptions } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";

import { MemoryLogger } from "./clients.js";

const running: ServerManager[] = [];

function createServerManager(options: ServerOptions = {}, deps: ServerDependencies = {}) {
  const server = new ServerManager({ port: 0, ...options }, deps);
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe("ServerManager.start", () => {
  it("listens, and says where", async () => {
    const server = createServerManager();
    server.get("/hello", () => ({ hello: "world" }));
    expect(server.url).toBeUndefined();

    await server.start();

    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${server.url}/hello`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ hello: "world" });
  });

  it("is idempotent", async () => {
    const server = createServerManager();

    await Promise.all([server.start(), server.start()]);
    const { url } = server;
    await server.start();

    expect(server.url).toBe(url);
  });

  it.each(["0.0.0.0", "localhost"])("listens on %s, with an address that works", async (host) => {
    const server = createServerManager({ host });
    await server.start();

    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it("says which address is taken and what to do, and may be tried again", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const server = createServerManager({ port });

    await expect(server.start()).rejects.toMatchObject({
      code: "ERR_SERVER_ADDRESS_IN_USE",
      message: expect.stringMatching(
        new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken .* variable PORT`),
      ),
      details: { host: "127.0.0.1", port },
    });
    other.close();
    await once(other, "close");
    await server.start();
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
  });

  it("says what is wrong with an address that is none of this machine", async () => {
    await expect(createServerManager({ host: "192.0.2.1" }).start()).rejects.toMatchObject({
      code: "ERR_SERVER_LISTEN",
      message: expect.stringContaining("this machine has no such address"),
    });
  });

  it("passes on what a plugin or a route fails with", async () => {
    const server = createServerManager();
    server.get("/twice", () => "a").get("/twice", () => "b");

    await expect(server.start()).rejects.toThrow(
      "Method 'GET' already declared for route '/twice'",
    );
  });

  it("gives up when its signal is aborted", async () => {
    const server = createServerManager();

    await expect(server.start({ signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    expect(server.url).toBeUndefined();
  });

  it("refuses to start again after a stop", async () => {
    const server = createServerManager();
    await server.start();
    await server.stop();

    await expect(server.start()).rejects.toMatchObject({ code: "ERR_SERVER_STOPPED" });
  });
});

describe("ServerManager routes", () => {
  it("are added by method, by route and by the option routes", async () => {
    const server = createServerManager({
      routes: [{ method: "GET", url: "/option", handler: () => "option" }],
    });
    server
      .get("/m", () => "get")
      .post("/m", () => "post")
      .put("/m", () => "put")
      .patch("/m", () => "patch")
      .delete("/m", () => "delete")
      .route({ method: "OPTIONS", url: "/m", handler: () => "options" });

    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const) {
      expect((await server.inject({ method, url: "/m" })).body).toBe(method.toLowerCase());
    }
    expect((await server.inject("/option")).body).toBe("option");
  });

  it("come after the plugins that were registered before them, and see what those decorate", async () => {
    const order: string[] = [];
    const server = createServerManager();
    server
      .register(
        fp(async (fastify: FastifyInstance) => {
          fastify.decorate("answer", 42);
          fastify.addHook("onRoute", ({ method, url }) => {
            if (method === "GET" && url.startsWith("/later")) order.push(url);
          });
        }),
      )
      .get("/later", function handler() {
        return { answer: this.getDecorator<number>("answer") };
      })
      .register(
        async (fastify: FastifyInstance) => {
          fastify.get("/inside", () => "prefixed");
        },
        { prefix: "/later" },
      );

    expect((await server.inject("/later")).json()).toEqual({ answer: 42 });
    expect((await server.inject("/later/inside")).body).toBe("prefixed");
    expect(order).toEqual(["/later", "/later/inside"]);
  });

  it("take the options of a Fastify route", async () => {
    const server = createServerManager();
    const schema = { querystring: { type: "object", required: ["q"] } };
    server.get("/search", { schema }, () => "found");

    expect((await server.inject("/search?q=1")).body).toBe("found");
    expect((await server.inject("/search")).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: "/query/q" }],
    });
  });
});

describe("ServerManager defaults", () => {
  it("answer with a request id, security headers and problem details", async () => {
    const server = createServerManager();
    const response = await server.inject("/nowhere");

    expect(response.statusCode).toBe(404);
    expect(response.headers).toMatchObject({
      "content-type": "application/problem+json; charset=utf-8",
      "x-content-type-options": "nosniff",
      "x-request-id": response.json().instance,
    });
  });

  it("also where Fastify finds no route to look up", async () => {
    const server = createServerManager();
    const response = await server.inject("/%zz");

    expect(response.statusCode).toBe(400);
    expect(response.headers).toMatchObject({
      "content-type": "application/problem+json; charset=utf-8",
      "x-content-type-options": "nosniff",
    });
  });

  it("Trap: a 500 says nothing of the error, and logs all of it", async () => {
    const logger = new MemoryLogger();
    const server = createServerManager({}, { logger });
    server.get("/broken", () => {
      throw new Error("relation users does not exist");
    });

    const response = await server.inject("/broken");

    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain("relation");
    const entry = logger.lines.find(({ line }) => line === "error request failed");
    expect(entry?.meta).toMatchObject({
      category: "server",
      requestId: response.headers["x-request-id"],
      error: { message: "relation users does not exist" },
    });
  });

  it("write one line for each request, a debug one for a health probe", async () => {
    const logger = new MemoryLogger();
    const server = createServerManager({}, { logger });

    await server.inject("/nowhere");
    await server.inject("/health/live");

    expect(logger.lines.map(({ line }) => line)).toEqual([
      "info GET /nowhere 404",
      "debug GET /health/live 200",
    ]);
  });

  it("bound bodies and URLs", async () => {
    const server = createServerManager({ bodyLimit: "1kb", urlLimit: 100 });
    server.post("/", () => "ok");
    const body = (size: number) =>
      server.inject({ method: "POST", url: "/", payload: { text: "x".repeat(size) } });

    expect((await body(10)).statusCode).toBe(200);
    expect((await body(1024)).statusCode).toBe(413);
    expect((await server.inject(`/?${"x".repeat(100)}`)).statusCode).toBe(414);
  });

  it("can be switched off, or set, one by one", async () => {
    const server = createServerManager({
      requestId: { header: "x-trace" },
      securityHeaders: false,
      errors: { notFound: false },
      health: false,
    });
    server.fastify.setNotFoundHandler((_request, reply) => reply.code(404).send("mine"));
    const response = await server.inject("/health/live");

    expect(response.body).toBe("mine");
    expect(response.headers["x-trace"]).toBeDefined();
    expect(response.headers["x-content-type-options"]).toBeUndefined();
  });

  it("believe forwarded addresses from the named proxies only", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9" };
    for (const [trustProxy, ip] of [
      [[], "127.0.0.1"],
      [["127.0.0.1"], "203.0.113.9"],
    ] as const) {
      const server = createServerManager({ trustProxy });
      server.get("/ip", (request) => request.ip);
      expect((await server.inject({ url: "/ip", headers })).body).toBe(ip);
    }
  });
});

describe("ServerManager health probes", () => {
  it("go by the lifecycle: 503 while it is down", async () => {
    const asked: ProbeKind[] = [];
    const lifecycle: Lifecycle = {
      state: "ready",
      probe: async (kind) => {
        asked.push(kind);
        return {
          status: kind === "ready" ? "down" : "degraded",
          state: "ready",
          checks: { database: { status: "down" } },
        };
      },
      shutdown: async () => undefined,
    };
    const server = createServerManager({}, { lifecycle });

    const ready = await server.inject("/health/ready");
    expect(ready.statusCode).toBe(503);
    expect(ready.headers["cache-control"]).toBe("no-store");
    expect(ready.json()).toMatchObject({ status: "down", checks: { database: {} } });
    expect((await server.inject("/health/live")).statusCode).toBe(200);
    expect((await server.inject("/health/startup")).statusCode).toBe(200);
    expect(asked).toEqual(["ready", "live", "startup"]);
  });

  it("are the server's own word without one: down before it listens, up while it does", async () => {
    const server = createServerManager({ health: "/probes" });

    expect((await server.inject("/probes/ready")).statusCode).toBe(503);
    expect((await server.inject("/probes/live")).statusCode).toBe(200);
    await server.start();
    expect((await server.inject("/probes/ready")).json()).toEqual({ status: "up" });
  });
});

describe("ServerManager.health and stats", () => {
  it("tell plain numbers", async () => {
    const server = createServerManager();
    expect(await server.health()).toMatchObject({
      status: "down",
      message: "the server does not listen",
    });

    await server.start();
    await fetch(`${server.url}/health/live`);

    expect(await server.health()).toMatchObject({ status: "up", details: { url: server.url } });
    expect(server.stats()).toEqual({
      requests: 1,
      inFlight: 0,
      connections: 1,
      timedOut: 0,
      cut: 0,
    });
    await server.stop();
    expect(await server.health()).toMatchObject({ status: "down" });
  });
});

describe("ServerManager options", () => {
  it.each([
    [{ port: 70_000 }, "port must be a whole number from 0 to 65535, got 70000"],
    [{ host: "" }, 'host must be a host name or an address, got ""'],
    [{ requestTimeout: 0 }, "requestTimeout must be above 0, got 0"],
    [{ bodyLimit: Infinity }, "bodyLimit must be a whole number, got Infinity"],
    [{ stopTimeout: "soon" }, "stopTimeout must be milliseconds or a string"],
    [{ paramLimit: 0.5 }, "paramLimit must be a whole number, got 0.5"],
    [{ health: "health" }, "health must be false or a path"],
  ])("%j is refused by name and value", (options, message) => {
    expect(() => new ServerManager(options as ServerOptions)).toThrow(message);
  });
});
