import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

import { accessLog, type AccessLogOptions } from "@infra/middleware/access-log";
import { MemoryLogger } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

function createApp(options: Partial<AccessLogOptions> = {}) {
  const logger = new MemoryLogger({ level: "debug" });
  const app = fastify();
  app.register(accessLog, { logger, ...options });
  app.get("/notes/:id", () => "hello");
  app.get("/500", (_request, reply) => reply.code(500).send());
  app.get("/quiet", { config: { accessLog: "debug" } }, () => "ok");
  app.get("/silent", { config: { accessLog: false } }, () => "ok");
  return { app, lines: logger.lines };
}

describe("accessLog", () => {
  it("writes one line for each request, without the query", async () => {
    let now = 0;
    const clock = { now: () => 0, monotonic: () => (now += 12.345), setTimeout: () => () => {} };
    const { app, lines } = createApp({ clock });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    await app.inject({ url: "/notes/7?token=secret", headers: { traceparent } });

    expect(lines).toEqual([
      {
        level: "info",
        message: "GET /notes/7 200",
        meta: {
          method: "GET",
          path: "/notes/7",
          route: "/notes/:id",
          status: 200,
          elapsedMs: 12.35,
          bytes: 5,
          ip: "127.0.0.1",
          requestId: "req-1",
          traceId: "0af7651916cd43dd8448eb211c80319c",
        },
      },
    ]);
  });

  it("goes by the outcome, the route and the options", async () => {
    const { app, lines } = createApp({ level: "debug", fields: () => ({ tenant: "a" }) });

    for (const url of ["/500", "/nowhere", "/quiet", "/silent"]) await app.inject(url);

    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "error GET /500 500",
      "debug GET /nowhere 404",
      "debug GET /quiet 200",
    ]);
    expect(lines[0]!.meta).toMatchObject({ tenant: "a" });
  });

  it("writes a sample of what went well and was quick, and all of the rest", async () => {
    let step = 1;
    let now = 0;
    const clock = { now: () => 0, monotonic: () => (now += step), setTimeout: () => () => {} };
    const chances = [0.05, 0.5, 0.95];
    const { app, lines } = createApp({ sample: 0.1, clock, random: () => chances.shift()! });
    for (const id of [1, 2, 3]) await app.inject(`/notes/${id}`);
    for (const url of ["/500", "/nowhere"]) await app.inject(url);
    step = 1000;
    await app.inject("/notes/slow");

    expect(lines.map(({ message }) => message)).toEqual([
      "GET /notes/1 200",
      "GET /500 500",
      "GET /nowhere 404",
      "GET /notes/slow 200",
    ]);
    expect(lines[0]!.meta).toMatchObject({ sampled: 0.1 });
    expect(lines[3]!.meta).not.toHaveProperty("sampled");
    await expect(createApp({ sample: 2 }).app.ready()).rejects.toThrow(
      "access log: sample must be a number from 0 to 1, got 2",
    );
  });

  it("builds no line that nobody writes", async () => {
    const { app, lines } = createApp({
      level: "trace",
      fields: () => {
        throw new Error("asked in vain");
      },
    });

    expect((await app.inject("/notes/7")).statusCode).toBe(200);
    expect(lines).toEqual([]);
  });

  it("writes a line also when its fields fail: nobody is left to throw to", async () => {
    const { app, lines } = createApp({
      fields: () => {
        throw new Error("out of order");
      },
    });

    expect((await app.inject("/notes/7")).statusCode).toBe(200);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "warn access log: the option fields failed",
      "info GET /notes/7 200",
    ]);
  });

  it("Trap: a client that goes away before its answer is a line too, with a body or without", async () => {
    const { app, lines } = createApp();
    const started: (() => void)[] = [];
    for (const method of ["GET", "POST"]) {
      app.route({
        method,
        url: "/hang",
        handler: () => new Promise<void>(() => started.shift()!()),
      });
    }
    await app.listen({ port: 0, host: "127.0.0.1" });

    for (const method of ["GET", "POST"]) {
      const handling = new Promise<void>((resolve) => started.push(resolve));
      const socket = connect(portOf(app), "127.0.0.1");
      socket.write(
        `${method} /hang HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
      );
      await handling;
      socket.destroy();
      await once(socket, "close");
    }
    while (lines.length < 2) await nextTurn();
    await app.close();

    expect(lines.map(({ message }) => message)).toEqual(["GET /hang 499", "POST /hang 499"]);
  });

  it("wants a logger", async () => {
    await expect(createApp({ logger: undefined as never }).app.ready()).rejects.toThrow(
      "access log: logger must be a Logger, got undefined",
    );
  });
});

function portOf(app: FastifyInstance): number {
  return (app.server.address() as { port: number }).port;
}
