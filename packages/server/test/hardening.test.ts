import { Readable } from "node:stream";

import { ServerManager, type ServerOptions } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";

import { RawClient } from "./clients.js";

let server: ServerManager;

async function startServer(options: ServerOptions = {}) {
  server = new ServerManager({ port: 0, ...options });
  server.post("/", () => "ok");
  server.get("/", () => "ok");
  await server.start();
  return server.url!;
}

afterEach(() => server.stop());

/** What a client that writes `text` and waits gets, and how long its connection lived. */
async function send(url: string, text: string) {
  const client = new RawClient(url);
  const startedAt = performance.now();
  client.socket.write(text);
  await client.closed;
  return { answer: client.received, elapsedMs: performance.now() - startedAt };
}

describe("hardened defaults", () => {
  const bounds = { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 200 };

  it("Trap: a request whose headers don't end is answered with 408 and closed", async () => {
    const url = await startServer(bounds);
    const { answer, elapsedMs } = await send(url, "GET / HTTP/1.1\r\nhost: a\r\n");

    expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(answer).toContain("ERR_MIDDLEWARE_REQUEST_TIMEOUT");
    expect(elapsedMs).toBeLessThan(2000);
  });

  it("Trap: a request whose body drips is closed when its time is up", async () => {
    const url = await startServer(bounds);
    const client = new RawClient(url);
    client.socket.write(
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 1000\r\n\r\n",
    );
    const drip = setInterval(() => client.socket.write("x"), 20);
    const startedAt = performance.now();
    await client.closed;
    clearInterval(drip);

    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(client.received).toMatch(/^HTTP\/1.1 408/);
  });

  it("a connection that waits too long for its next request is closed", async () => {
    const url = await startServer(bounds);
    const { answer, elapsedMs } = await send(url, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");

    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(elapsedMs).toBeLessThan(4000);
  });

  it("are in force without an option set", async () => {
    await startServer();
    const { server: node } = server.fastify;

    expect(node.headersTimeout).toBe(10_000);
    expect(node.requestTimeout).toBe(25_000);
    expect(node.keepAliveTimeout).toBe(25_000);
    expect(server.fastify.initialConfig).toMatchObject({
      bodyLimit: 1024 ** 2,
      onProtoPoisoning: "error",
      onConstructorPoisoning: "error",
    });
  });

  it("answer headers that are too large with 431, as a problem", async () => {
    const url = await startServer({ headersLimit: "2kb" });
    const { answer } = await send(
      url,
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(4096)}\r\n\r\n`,
    );

    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain("content-type: application/problem+json");
    expect(answer).toContain("x-content-type-options: nosniff");
    expect(answer).toContain("ERR_MIDDLEWARE_HEADERS_TOO_LARGE");
  });

  it.each([
    ["both length headers", "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", "content-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["a header name with a space", "content-length : 1\r\n\r\na"],
    ["no HTTP at all", "\x16\x03\x01\r\n\r\n"],
  ])("answer %s with 400 and close", async (_title, text) => {
    const url = await startServer();
    const { answer } = await send(url, `POST / HTTP/1.1\r\nhost: a\r\n${text}`);

    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(answer).toContain("ERR_MIDDLEWARE_MALFORMED_REQUEST");
  });

  it.each(['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'])(
    "refuse %s",
    async (payload) => {
      await startServer();
      const headers = { "content-type": "application/json" };
      const response = await server.inject({ method: "POST", url: "/", payload, headers });

      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ code: "ERR_MIDDLEWARE_MALFORMED_BODY" });
    },
  );

  it("refuse a property that the schema has no place for, instead of dropping it", async () => {
    server = new ServerManager({ port: 0 });
    const body = {
      type: "object",
      properties: { title: { type: "string" } },
      additionalProperties: false,
    };
    server.post("/", { schema: { body } }, async (request) => request.body);
    const response = await server.inject({
      method: "POST",
      url: "/",
      payload: { title: "x", colour: "red" },
    });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ errors: [{ pointer: "/body/colour" }] });
  });

  it("Trap: a response that fails in the middle does not look whole", async () => {
    server = new ServerManager({ port: 0 });
    server.get("/stream", (_request, reply) =>
      reply.send(
        Readable.from(
          (async function* () {
            yield "first";
            throw new Error("lost the rest");
          })(),
        ),
      ),
    );
    await server.start();
    const { answer } = await send(server.url!, "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n");

    expect(answer).toContain("first");
    expect(answer).not.toMatch(/0\r\n\r\n$/); // the end of a chunked body
    expect(answer).not.toContain("lost");
  });
});
