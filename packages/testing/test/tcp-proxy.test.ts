import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { startTcpProxy, until, type TcpProxy } from "../src/index.js";

let echo: Server;
let proxy: TcpProxy;
const sockets: Socket[] = [];
beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startTcpProxy(
    `tcp://user:word@127.0.0.1:${(echo.address() as AddressInfo).port}/db`,
  );
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

/** A connection through the proxy, and what came back on it. */
async function open() {
  const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  sockets.push(socket);
  let failure: NodeJS.ErrnoException | undefined;
  let heard = "";
  socket.on("error", (error) => (failure = error)).on("data", (chunk) => (heard += String(chunk)));
  await once(socket, "connect").catch(() => {});
  const says = async (text: string): Promise<void> => {
    const before = heard.length;
    socket.write(text);
    await until(() => heard.length >= before + text.length);
  };
  return { socket, says, heard: () => heard, failure: () => failure };
}

describe("startTcpProxy()", () => {
  it("passes everything on, the ends too, and has the URL of the server with its own address", async () => {
    expect(proxy.url).toBe(`tcp://user:word@127.0.0.1:${proxy.port}/db`);
    const { socket, heard } = await open();
    const large = "x".repeat(3_000_000);
    socket.end(large);
    await once(socket, "end");
    expect(heard()).toBe(large);
    await until(() => proxy.connections === 0);
  });

  it("cut() resets the connections there are; new ones work", async () => {
    const one = await open();
    await one.says("hello");
    expect(proxy.connections).toBe(1);
    proxy.cut();
    await until(() => one.failure());
    expect(one.failure()?.code).toBe("ECONNRESET");
    await (await open()).says("hello");
  });

  it("refuse() resets those that come too, until restore()", async () => {
    const one = await open();
    await one.says("hello");
    proxy.refuse();
    await until(() => one.failure());
    const other = await open();
    await until(() => other.socket.destroyed);
    expect(proxy.connections).toBe(0);
    proxy.restore();
    await (await open()).says("hello");
  });

  it("freeze() holds back what is sent on all connections until restore()", async () => {
    const one = await open();
    await one.says("a");
    proxy.freeze();
    const other = await open();
    one.socket.write("b");
    other.socket.write("c");
    // what is sent by another way in the meantime has been there and back
    const direct = connect((echo.address() as AddressInfo).port, "127.0.0.1");
    sockets.push(direct);
    direct.write("x");
    await once(direct, "data");
    expect([one.heard(), other.heard()]).toEqual(["a", ""]);
    proxy.restore();
    await until(() => one.heard() === "ab" && other.heard() === "c");
  });

  it('freeze("open") leaves new connections alone', async () => {
    const one = await open();
    await one.says("a");
    proxy.freeze("open");
    one.socket.write("b");
    await (await open()).says("c");
    expect(one.heard()).toBe("a");
  });

  it("delay() makes all arrive so much later, in each direction, and holds up no more than that", async () => {
    const one = await open();
    await one.says("warm");
    proxy.delay(100);
    const startMs = performance.now();
    for (const text of ["a", "b", "c"]) one.socket.write(text);
    await until(() => one.heard() === "warmabc");
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(195);
    proxy.restore();
    await one.says("d");
  });

  it("a server that is not there is a connection that is reset", async () => {
    await using nowhere = await startTcpProxy("tcp://127.0.0.1:1");
    const socket = connect(nowhere.port, "127.0.0.1");
    sockets.push(socket);
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
  });

  it("close() ends all, and is idempotent", async () => {
    const one = await open();
    await proxy.close();
    await proxy.close();
    await until(() => one.socket.destroyed);
    expect(proxy.connections).toBe(0);
  });

  it("says what is wrong with its arguments", async () => {
    await expect(startTcpProxy("redis://localhost")).rejects.toThrow("must name a port");
    expect(() => proxy.delay(-1)).toThrow("got -1");
  });
});
