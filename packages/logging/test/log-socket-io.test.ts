import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "@jest/globals";
import { Server, type Socket as ServerSocket } from "socket.io";
import { io, type Socket } from "socket.io-client";

import { logSocketIo } from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function listen(): Promise<{ readonly server: Server; readonly url: string }> {
  const http = createServer();
  const server = new Server(http);
  closing.push(() => server.close());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { server, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

function connect(url: string): Socket {
  const client = io(url, { transports: ["websocket"], reconnection: false });
  closing.push(() => client.disconnect());
  return client;
}

describe("logSocketIo()", () => {
  it("logs who comes and goes in a server of socket.io, and who is refused", async () => {
    const { server, url } = await listen();
    const { logger, recorder, lines } = recordedLogger({ level: "debug" });
    const stop = logSocketIo(server, logger);

    const connected = once(server, "connection");
    const client = connect(url);
    const welcomed = once(client as unknown as EventEmitter, "connect");
    const [socket] = (await connected) as [EventEmitter & { id: string }];
    await welcomed;
    const left = once(socket, "disconnect");
    client.disconnect();
    await left;
    await fetch(`${url}/socket.io/?EIO=4&transport=polling&sid=nobody`);
    stop();
    const again = once(server, "connection");
    connect(url);
    await again;

    expect(lines()).toEqual([
      "debug socket.io connected",
      "debug socket.io disconnected",
      "warn socket.io connection refused",
    ]);
    expect(recorder.entries.map(({ meta }) => meta)).toEqual([
      { socketId: socket.id },
      { socketId: socket.id, reason: "client namespace disconnect" },
      { reason: "Session ID unknown", code: 1 },
    ]);
  }, 30_000);

  it("takes a namespace, and has the errors of its sockets", async () => {
    const { server, url } = await listen();
    const { logger, lines } = recordedLogger({ level: "debug" });
    const chat = server.of("/chat");
    logSocketIo(chat, logger);
    const connected = once(chat, "connection");
    const client = connect(`${url}/chat`);
    const [socket] = (await connected) as [ServerSocket];
    const refused = new Promise<void>((resolve) => {
      socket.use((_packet, next) => {
        next(new Error("not allowed"));
        resolve();
      });
    });
    client.emit("anything");
    await refused;
    expect(lines()).toEqual(["debug socket.io connected", "warn socket.io socket failed"]);
  }, 30_000);
});
