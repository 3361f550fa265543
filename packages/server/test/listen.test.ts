import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "@jest/globals";

import { until } from "./clients.js";
import { answerOf, cleanUp, createServerManager, folder, undo } from "./fixture.js";

afterEach(cleanUp);

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

  it("a path where something else lies than a socket is left alone", async () => {
    const path = join(folder(), "notes.txt");
    writeFileSync(path, "mine");
    await expect(createServerManager({ socket: path }).start()).rejects.toMatchObject({
      code: "ERR_SERVER_ADDRESS_IN_USE",
    });
    expect(readFileSync(path, "utf8")).toBe("mine");
  });

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
