import { ServerManager, type ServerOptions } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { FastifyRequest } from "fastify";

import { MemoryLogger, RawClient, until } from "./clients.js";

const logger = new MemoryLogger();
let server: ServerManager;

afterEach(async () => {
  logger.lines.length = 0;
  await server.stop();
});

/** A server whose handler of `GET /` and `POST /` never answers, and keeps its request for the test. */
async function startHanging(options: ServerOptions = {}) {
  const requests: FastifyRequest[] = [];
  server = new ServerManager({ port: 0, ...options }, { logger });
  const hang = (request: FastifyRequest) => {
    requests.push(request);
    return new Promise(() => undefined);
  };
  server.get("/", hang).post("/", hang);
  server.post("/short", { handlerTimeout: 50 }, hang);
  await server.start();
  return { url: server.url!, requests };
}

function raw(method: string, path = "/"): string {
  return `${method} ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
}

describe("request.context", () => {
  it("has the request's id, and a logger that says it", async () => {
    server = new ServerManager({}, { logger });
    server.get("/", ({ context }) => {
      context.logger.info("looked", { at: "it" });
      return { id: context.id, same: context.logger === context.logger };
    });
    const response = await server.inject({ url: "/", headers: { "x-request-id": "abc" } });

    expect(response.json()).toEqual({ id: "abc", same: true });
    expect(logger.lines[0]).toEqual({
      line: "info looked",
      meta: { category: "server", requestId: "abc", at: "it" },
    });
  });
});

describe("request.signal", () => {
  it.each(["GET", "POST"])(
    "Trap: is not aborted while the client waits for the answer to a %s",
    async (method) => {
      const { url, requests } = await startHanging();
      const client = new RawClient(url);
      client.socket.write(raw(method));
      await until(() => requests.length === 1);
      const { signal } = requests[0]!;
      // the request's stream is closed by now, which Fastify takes for the client's going away
      await until(() => method === "GET" || requests[0]!.raw.closed);

      expect(signal.aborted).toBe(false);
      expect(requests[0]!.context.signal).toBe(signal);
      client.socket.destroy();
    },
  );

  it.each(["GET", "POST"])("Trap: is aborted when the client of a %s goes away", async (method) => {
    const { url, requests } = await startHanging();
    const client = new RawClient(url);
    client.socket.write(raw(method));
    await until(() => requests.length === 1);
    const { signal } = requests[0]!;

    client.socket.destroy();
    await until(() => signal.aborted);

    expect(signal.reason).toMatchObject({ code: "ERR_CANCELLED" });
    expect(server.stats().inFlight).toBe(0);
  });

  it("is aborted from the start when it is asked for too late", async () => {
    const { url, requests } = await startHanging();
    const client = new RawClient(url);
    client.socket.write(raw("GET"));
    await until(() => requests.length === 1);
    client.socket.destroy();
    await until(() => server.stats().inFlight === 0);

    expect(requests[0]!.signal.aborted).toBe(true);
  });

  it("is left alone when the request has been answered", async () => {
    let signal: AbortSignal | undefined;
    server = new ServerManager({ port: 0 });
    server.get("/", (request) => {
      signal = request.signal;
      return "ok";
    });
    await server.start();
    await (await fetch(server.url!)).text();
    await until(() => server.stats().inFlight === 0);

    expect(signal?.aborted).toBe(false);
  });
});

describe("handlerTimeout", () => {
  it.each(["GET", "POST"])(
    "Trap: answers a %s that takes too long with 503 and aborts its signal",
    async (method) => {
      const { url, requests } = await startHanging({ handlerTimeout: 50 });
      const response = await fetch(url, {
        method,
        ...(method === "POST" && { body: "{}", headers: { "content-type": "application/json" } }),
      });

      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        code: "ERR_MIDDLEWARE_HANDLER_TIMEOUT",
        detail: "The request took too long.",
      });
      expect(requests[0]!.signal.reason).toMatchObject({ code: "ERR_MIDDLEWARE_HANDLER_TIMEOUT" });
      expect(server.stats().timedOut).toBe(1);
    },
  );

  it("goes by the route's own before the server's", async () => {
    const { url, requests } = await startHanging();
    const short = await fetch(`${url}/short`, { method: "POST" });

    expect(short.status).toBe(503);
    expect(requests).toHaveLength(1);
  });

  it("Trap: sends nothing after what the handler answers when its signal is aborted", async () => {
    server = new ServerManager({ port: 0, handlerTimeout: 50 }, { logger });
    server.get("/", (request, reply) => {
      request.signal.addEventListener("abort", () => void reply.code(504).send("gave up"));
    });
    await server.start();
    const response = await fetch(server.url!);

    expect([response.status, await response.text()]).toEqual([504, "gave up"]);
    await until(() => server.stats().inFlight === 0);
    expect(logger.lines.filter(({ line }) => line.startsWith("warn"))).toEqual([]);
  });

  it("leaves a response alone that has begun", async () => {
    server = new ServerManager({ port: 0, handlerTimeout: 50 });
    server.get("/", (_request, reply) => {
      reply.hijack();
      reply.raw.write("begun ");
      setTimeout(() => reply.raw.end("ended"), 150);
    });
    await server.start();

    expect(await (await fetch(server.url!)).text()).toBe("begun ended");
    expect(server.stats().timedOut).toBe(0);
  });
});
