import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  currentRequest,
  ServerManager,
  type ServerDependencies,
  type ServerOptions,
} from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";
import { WebSocket } from "ws";

import { MemoryLogger, until } from "./clients.js";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

function createServerManager(options: ServerOptions = {}, deps: ServerDependencies = {}) {
  const server = new ServerManager({ port: 0, ...options }, deps);
  undo.push(() => server.stop());
  return server;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "infra-server-"));
  undo.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A certificate for 127.0.0.1 that nobody vouches for. */
function certificate() {
  const path = folder();
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 " +
    "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
  execFileSync("openssl", words.split(" "), { cwd: path, stdio: "ignore" });
  const read = (name: string): Buffer => readFileSync(join(path, name));
  return { key: read("key.pem"), cert: read("cert.pem") };
}

async function answerOf(request: ReturnType<typeof httpRequest>) {
  const [response] = (await once(request.end(), "response")) as [IncomingMessage];
  const chunks: Buffer[] = await response.toArray();
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

describe("the ways to listen", () => {
  it("TLS: says https, closes idle connections at once, waits for the busy ones", async () => {
    const tls = certificate();
    const server = createServerManager({ tls, stopTimeout: "20s" });
    let release!: () => void;
    server.get("/", () => "ok");
    server.get("/slow", () => new Promise((resolve) => (release = () => resolve("slow"))));
    await server.start();
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const get = (path: string) => answerOf(httpsRequest(`${server.url}${path}`, { ca: tls.cert }));
    expect(await get("/")).toMatchObject({ status: 200, body: "ok" });

    const slow = get("/slow");
    await until(() => server.stats().inFlight === 1);
    const stopped = server.stop();
    setTimeout(() => release(), 900);
    expect(await slow).toMatchObject({ status: 200, body: "slow" });
    await stopped;
    expect(server.stats().cut).toBe(0);
    await until(() => server.stats().connections === 0);
  }, 20_000);

  it("HTTP/2 with TLS, beside HTTP/1.1, and a stop that waits for its streams", async () => {
    const tls = certificate();
    const server = createServerManager({ tls, http2: true, stopTimeout: "20s" });
    let release!: () => void;
    server.get("/", (request) => ({ version: request.raw.httpVersion, id: request.id }));
    server.get("/slow", () => new Promise((resolve) => (release = () => resolve("slow"))));
    await server.start();
    expect((await answerOf(httpsRequest(`${server.url}/`, { ca: tls.cert }))).body).toContain(
      '"1.1"',
    );
    const session = connectHttp2(server.url!, { ca: tls.cert });
    undo.push(() => session.destroy());
    const get = async (path: string) => {
      const stream = session.request({ ":path": path });
      const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
      return { headers, body: Buffer.concat(await stream.toArray()).toString() };
    };
    const first = await get("/");
    expect(first.headers).toMatchObject({ ":status": 200, "x-content-type-options": "nosniff" });
    expect(first.body).toContain('"2.0"');

    const slow = get("/slow");
    await until(() => server.stats().inFlight === 1);
    const stopped = server.stop();
    setTimeout(() => release(), 900);
    expect((await slow).body).toBe("slow");
    await stopped;
    expect(server.stats().cut).toBe(0);
  }, 20_000);

  it("a Unix socket, also where a killed process left one behind, and not where one answers", async () => {
    const socket = join(folder(), "app.sock");
    const program = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", program, socket], { timeout: 10_000 });
    expect(existsSync(socket)).toBe(true);
    const server = createServerManager({ socket });
    server.get("/", () => "ok");
    await server.start();

    expect(server.url).toBe(`unix:${socket}`);
    expect(await answerOf(httpRequest({ socketPath: socket, path: "/" }))).toMatchObject({
      status: 200,
      body: "ok",
    });
    const other = createServerManager({ socket });
    await expect(other.start()).rejects.toMatchObject({
      code: "ERR_SERVER_ADDRESS_IN_USE",
      message: `another process listens on the socket ${socket}`,
    });
    await server.stop();
    expect(existsSync(socket)).toBe(false);
  });
});

function file(size: number): Blob {
  return new Blob(["x".repeat(size)]);
}

describe("files and forms", () => {
  it("static files are served with the headers of every answer, and nothing beside them", async () => {
    const root = folder();
    mkdirSync(join(root, "public"));
    writeFileSync(join(root, "public", "a.txt"), "hello");
    writeFileSync(join(root, "public", ".secret"), "no");
    writeFileSync(join(root, "outside.txt"), "no");
    const server = createServerManager();
    server.static("/files/", join(root, "public"), { maxAge: "1h", immutable: true });
    server.static("/more/", join(root, "public"));
    await server.start();

    const answer = await fetch(`${server.url}/files/a.txt`);
    expect(await answer.text()).toBe("hello");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "public, max-age=3600, immutable",
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.any(String),
    });
    const etag = answer.headers.get("etag")!;
    // fetch() would say no-cache with it
    const conditional = { headers: { "if-none-match": etag } };
    const again = await answerOf(httpRequest(`${server.url}/more/a.txt`, conditional));
    expect(again.status).toBe(304);
    for (const path of [
      "/files/.secret",
      "/files/%2e%2e/outside.txt",
      "/files/..%2foutside.txt",
      "/files/none",
    ]) {
      const missing = await fetch(`${server.url}${path}`);
      expect([403, 404]).toContain(missing.status);
      const text = await missing.text();
      expect(text).not.toContain(root);
      expect(missing.headers.get("content-type")).toContain("problem+json");
    }
  });

  it("forms are read within bounds: 413 for what goes over, and no prototype is touched", async () => {
    const server = createServerManager({
      multipart: { fileSize: 1000, files: 2, fieldSize: 100, fields: 2, total: "10kb" },
    });
    server.post("/", async (request) => {
      const got: Record<string, string> = {};
      for await (const part of request.parts()) {
        got[part.fieldname] =
          part.type === "file" ? String((await part.toBuffer()).length) : String(part.value);
      }
      return got;
    });
    await server.start();
    const post = async (fields: readonly (readonly [string, string | Blob])[]) => {
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      const response = await fetch(server.url!, { method: "POST", body: form });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };

    expect(
      await post([
        ["title", "x"],
        ["a", file(1000)],
      ]),
    ).toEqual({
      status: 200,
      body: { title: "x", a: "1000" },
    });
    expect((await post([["a", file(1001)]])).status).toBe(413);
    expect(
      (
        await post([
          ["a", file(1)],
          ["b", file(1)],
          ["c", file(1)],
        ])
      ).status,
    ).toBe(413);
    expect(
      (
        await post([
          ["a", "1"],
          ["b", "2"],
          ["c", "3"],
        ])
      ).status,
    ).toBe(413);
    const large = await post([["a", file(20_000)]]);
    expect(large).toMatchObject({ status: 413, body: { code: "ERR_MIDDLEWARE_BODY_TOO_LARGE" } });
    for (const name of ["__proto__", "constructor", "prototype"]) {
      expect((await post([[name, "polluted"]])).status).toBeLessThan(500);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.prototype.toString.call({})).toBe("[object Object]");
  });
});

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
