import { ServerManager } from "@infra/server";
import { describe, expect, it } from "@jest/globals";

import { FastifyLogger } from "../src/fastify-logger.js";
import { MemoryLogger } from "./clients.js";

describe("FastifyLogger", () => {
  it("takes lines the pino way", () => {
    const memory = new MemoryLogger();
    const log = new FastifyLogger({ logger: memory });
    const failure = new Error("it broke");

    log.info("hello %s", "you");
    log.warn({ user: 7 }, "seen %d times", 2);
    log.error(failure);
    log.fatal({ err: failure, at: 1 });
    log.debug({ a: 1 });
    log.trace("nobody reads this");
    log.silent();

    expect(memory.lines).toEqual([
      { line: "info hello you", meta: {} },
      { line: "warn seen 2 times", meta: { user: 7 } },
      { line: "error it broke", meta: { error: failure } },
      { line: "fatal it broke", meta: { error: failure, at: 1 } },
      { line: "debug ", meta: { a: 1 } },
    ]);
  });

  it("makes children with bindings, serializers and a level", () => {
    const memory = new MemoryLogger();
    const log = new FastifyLogger({ logger: memory }).child(
      { requestId: "a" },
      { serializers: { user: ({ id }: { id: number }) => id }, level: "warn" },
    );

    log.info("too low");
    log.child({ more: true }).warn({ user: { id: 7, name: "secret" } }, "seen");

    expect(memory.lines).toEqual([
      { line: "warn seen", meta: { requestId: "a", more: true, user: 7 } },
    ]);
  });

  it("is the log of the application and of a request, from the route's level on", async () => {
    const memory = new MemoryLogger();
    const server = new ServerManager({ accessLog: false }, { logger: memory });
    server.get("/", { logLevel: "warn" }, (request, reply) => {
      request.log.info("too low");
      reply.log.warn("high enough");
      return "ok";
    });
    server.fastify.log.info("of the application");
    await server.inject("/");

    expect(memory.lines.map(({ line }) => line)).toEqual([
      "info of the application",
      "warn high enough",
    ]);
  });

  it("is request.log, with the request's id, and writes requests and replies as Fastify does", async () => {
    const memory = new MemoryLogger();
    const server = new ServerManager({ accessLog: false }, { logger: memory });
    server.get("/", (request) => {
      request.log.info({ req: request }, "incoming");
      return "ok";
    });
    await server.inject({ url: "/", headers: { "x-request-id": "abc" } });

    expect(memory.lines).toEqual([
      {
        line: "info incoming",
        meta: {
          category: "server",
          requestId: "abc",
          req: { method: "GET", url: "/", id: "abc" },
        },
      },
    ]);
  });
});
