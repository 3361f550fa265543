import { gzipSync } from "node:zlib";

import { ServerManager, type ServerOptions } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";

import { KeepAliveClient, MemoryLogger, RawClient, until } from "./clients.js";

let server: ServerManager;
const handled: string[] = [];

/** A server without an option set, but for its port. */
async function startServer(options: ServerOptions = {}, logger?: MemoryLogger) {
  handled.length = 0;
  server = new ServerManager({ port: 0, ...options }, logger ? { logger } : {});
  server.get("/", ({ url }) => {
    handled.push(url);
    return "ok";
  });
  server.post("/", ({ body, query, url }) => {
    handled.push(url);
    return { body, query };
  });
  server.get("/500", () => {
    const error = new Error("select * from users where id = 1 -- at /srv/app/secret.js");
    throw Object.assign(error, { statusCode: 500, expose: true });
  });
  server.get("/enoent", () => {
    throw Object.assign(new Error("ENOENT: no such file '/srv/app/x'"), { code: "ENOENT" });
  });
  await server.start();
  return server.url!;
}

afterEach(() => server.stop());

/** What comes back until the connection is closed. */
async function send(url: string, text: string) {
  const client = new RawClient(url);
  client.socket.write(text);
  await client.closed;
  return client.received;
}

const post = (headers: string, body: string) =>
  `POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n\r\n${body}`;
const json = (body: string) =>
  post(
    `content-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}`,
    body,
  );

const [major, minor, fix] = process.versions.node.split(".").map(Number) as [
  number,
  number,
  number,
];
const hasFixedParser = major > 20 || minor > 19 || fix >= 2;

(hasFixedParser ? describe : describe.skip)("from Node.js 20.19.2 on (CVE-2025-23167)", () => {
  it("Trap: a bare LF at the end of the headers answers 400 and closes", async () => {
    const url = await startServer();
    const answer = await send(
      url,
      "GET / HTTP/1.1\r\nhost: a\r\n\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n",
    );

    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(handled).toEqual([]);
  });
});

describe("without an option set, over raw sockets", () => {
  it.each([
    ["both length headers", post("content-length: 3\r\ntransfer-encoding: chunked", "0\r\n\r\n")],
    ["a duplicate length", post("content-length: 1\r\ncontent-length: 1", "a")],
    ["a list of lengths", post("content-length: 1, 1", "a")],
    ["a length with a sign", post("content-length: +1", "a")],
    ["a bare LF after the request line", "GET / HTTP/1.1\nhost: a\n\n"],
    ["a bare LF between headers", "GET / HTTP/1.1\r\nhost: a\nx: b\r\n\r\n"],
    ["a bare CR", "GET / HTTP/1.1\r\nhost: a\rx: b\r\n\r\n"],
    ["obs-fold", "GET / HTTP/1.1\r\nhost: a\r\nx: b\r\n c\r\n\r\n"],
    ["obs-fold in transfer-encoding", post("transfer-encoding:\r\n chunked", "0\r\n\r\n")],
    ["two Host headers", "GET / HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n"],
    ["two Host headers of one value", "GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n"],
    ["no Host header", "GET / HTTP/1.1\r\n\r\n"],
    ["an unknown transfer-encoding", post("transfer-encoding: xchunked", "0\r\n\r\n")],
    [
      "two transfer-encodings",
      post("transfer-encoding: chunked\r\ntransfer-encoding: identity", "0\r\n\r\n"),
    ],
    [
      "transfer-encoding in HTTP/1.0",
      "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "bare LF in chunks",
      post("content-type: text/plain\r\ntransfer-encoding: chunked", "1\na\n0\n\n"),
    ],
    ["a space before the colon", "GET / HTTP/1.1\r\nhost : a\r\n\r\n"],
    ["NUL in a header", "GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n"],
    ["HTTP/0.9", "GET /\r\n\r\n"],
    ["an unknown version", "GET / HTTP/1.2\r\nhost: a\r\n\r\n"],
  ])("Trap: %s answers 400 and closes, and nothing after it is a request", async (_title, text) => {
    const url = await startServer();
    const answer = await send(url, `${text}GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(handled).toEqual([]);
  });

  it("Trap: what is wrong with the rest of a request that has its answer closes it, without a second one", async () => {
    const url = await startServer();
    const answer = await send(
      url,
      post("content-type: a/b\r\ntransfer-encoding: chunked", "1\na\n0\n\n"),
    );

    expect(answer).toMatch(/^HTTP\/1.1 415 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it("bounds headers (431), URL (414), a parameter (414), body (413) and JSON depth (400)", async () => {
    const url = await startServer();
    const get = (path: string, more = "") =>
      send(url, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${more}\r\n`);

    expect(await get("/", `x: ${"x".repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    expect(await get(`/${"x".repeat(5000)}`)).toMatch(/^HTTP\/1.1 414 /);
    expect(await send(url, json(JSON.stringify("x".repeat(1024 * 1024))))).toMatch(
      /^HTTP\/1.1 413 /,
    );
    const chunk = "x".repeat(64 * 1024);
    const chunks = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(20);
    const streamed =
      "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close";
    expect(await send(url, post(streamed, `${chunks}0\r\n\r\n`))).toMatch(/^HTTP\/1.1 413 /);
    const deep = `${"[".repeat(65)}${"]".repeat(65)}`;
    const answer = await send(url, json(deep));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain("ERR_MIDDLEWARE_JSON_TOO_DEEP");
    expect(await send(url, json(`${"[".repeat(64)}${"]".repeat(64)}`))).toMatch(/^HTTP\/1.1 200 /);
    expect(await send(url, json(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`))).toMatch(
      /^HTTP\/1.1 400 /,
    );
  });

  it.each([
    ["JSON", json('{"__proto__":{"polluted":1}}'), 400],
    ["JSON, escaped", json('{"\\u005f_proto__":{"polluted":1}}'), 400],
    ["JSON, by the constructor", json('{"constructor":{"prototype":{"polluted":1}}}'), 400],
    [
      "the query",
      json("{}").replace(
        "POST /",
        "POST /?__proto__[polluted]=1&__proto__=1&constructor.prototype.polluted=1",
      ),
      200,
    ],
    [
      "a header",
      "GET / HTTP/1.1\r\nhost: a\r\n__proto__: polluted\r\nconstructor: x\r\nconnection: close\r\n\r\n",
      200,
    ],
  ])("Trap: a prototype in %s does nothing", async (_title, text, status) => {
    const url = await startServer();
    const answer = await send(url, text);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("Trap: a gzip bomb is refused before anything of it is inflated", async () => {
    const url = await startServer();
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 32));
    const response = await fetch(url, {
      method: "POST",
      body: bomb,
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });

    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: "ERR_MIDDLEWARE_UNSUPPORTED_ENCODING" });
    expect(handled).toEqual([]);
  });

  it("Trap: errors carry no stack, no path and no SQL, and every answer has the security headers", async () => {
    const url = await startServer({}, new MemoryLogger());
    const large = {
      method: "POST",
      body: "x".repeat(2_000_000),
      headers: { "content-type": "text/plain" },
    };
    for (const [path, init, status] of [
      ["/", {}, 200],
      ["/nowhere", {}, 404],
      ["/%zz", {}, 400],
      ["/", large, 413],
      ["/500", {}, 500],
      ["/enoent", {}, 500],
    ] as const) {
      const response = await fetch(url + path, init);
      const text = await response.text();
      expect([path, response.status]).toEqual([path, status]);
      expect(text).not.toMatch(/select|srv|secret|ENOENT|stack| at |node_modules|\.js/);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "content-security-policy": expect.stringContaining("default-src 'self'"),
        "strict-transport-security": expect.any(String),
        "referrer-policy": "no-referrer",
      });
      expect(response.headers.get("server")).toBeNull();
      expect(response.headers.get("x-powered-by")).toBeNull();
    }
  });

  it("closes what never sends a whole request within 30 s: by the bounds, which the tests beside this one hold", async () => {
    await startServer();
    const { server: node } = server.fastify;
    const sweepMs = 1000;

    expect(node.headersTimeout + sweepMs).toBeLessThan(30_000);
    expect(node.requestTimeout + sweepMs).toBeLessThan(30_000);
    expect(node.keepAliveTimeout + sweepMs).toBeLessThan(30_000);
  });

  it("a connection that sends nothing at all is closed when the headers' time is up", async () => {
    const url = await startServer({ headersTimeout: 200 });
    const client = new RawClient(url);
    await client.closed;
    await until(() => server.stats().connections === 0);
    expect(client.received).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  it("pipelined requests are each answered once, in order, and a client that goes away ends them all", async () => {
    const url = await startServer();
    const one = "GET /?a HTTP/1.1\r\nhost: a\r\n\r\n";
    const answer = await send(
      url,
      `${one}${one.replace("a", "b")}GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([
      "HTTP/1.1 200",
      "HTTP/1.1 200",
      "HTTP/1.1 404",
    ]);
    expect(server.stats()).toMatchObject({ requests: 3, inFlight: 0 });
  });

  it("Trap: the signal of a request that waits behind another on its connection is aborted with it", async () => {
    const signals: AbortSignal[] = [];
    server = new ServerManager({ port: 0 });
    server.get("/hang", (request) => {
      signals.push(request.signal);
      return new Promise(() => undefined);
    });
    await server.start();
    const client = new RawClient(server.url!);
    client.socket.write("GET /hang HTTP/1.1\r\nhost: a\r\n\r\n".repeat(3));
    await until(() => signals.length === 3);
    expect(server.stats().inFlight).toBe(3);
    client.socket.destroy();
    await until(() => signals.every((signal) => signal.aborted));
    expect(server.stats().inFlight).toBe(0);
  });

  it("keeps nothing of a request on a connection that waits for the next", async () => {
    const url = await startServer({ handlerTimeout: 50 });
    const client = new KeepAliveClient();
    try {
      await client.get(url);
      await until(() => server.stats().inFlight === 0);
      expect(server.stats()).toMatchObject({ connections: 1, requests: 1 });
    } finally {
      client.close();
    }
  });
});
