import { ServerManager } from "@infra/server";
import { describe, expect, it } from "@jest/globals";

import { MemoryLogger } from "./clients.js";

describe("The log of a ServerManager", () => {
  it("is Fastify's and a request's, from the route's level on", async () => {
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

  it("has the request's id, and writes requests and replies as Fastify does", async () => {
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
