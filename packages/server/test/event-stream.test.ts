import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { Clock } from "@infra/interfaces";
import { systemClock } from "@infra/interfaces";
import { sendEvents, sendNdjson, ServerManager, type ServerEvent } from "@infra/server";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { FastifyReply, FastifyRequest } from "fastify";

import { RawClient, until } from "./clients.js";

let server: ServerManager;
afterEach(() => server.stop());

async function* three(): AsyncGenerator<ServerEvent> {
  yield { data: "one" };
  yield { id: "2\n", event: "note", data: { two: "lines" } };
  yield { data: "a\nb\r\nc" };
}

/** Events that come when the test says, and whether somebody still listens. */
function source() {
  let push: ((event: ServerEvent) => void) | undefined;
  let open = true;
  const events = (async function* () {
    try {
      for (;;) yield await new Promise<ServerEvent>((resolve) => (push = resolve));
    } finally {
      open = false;
    }
  })();
  return {
    events,
    push: (event: ServerEvent) => push!(event),
    isOpen: () => open,
    isWanted: () => push !== undefined,
  };
}

/** The collector, which Node.js hands out only when asked to. */
const collect = ((): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

describe.each([
  [
    "sendEvents",
    (request: FastifyRequest, reply: FastifyReply, values: AsyncIterable<ServerEvent>) =>
      sendEvents(request, reply, values),
  ],
  [
    "sendNdjson",
    (_request: FastifyRequest, reply: FastifyReply, values: AsyncIterable<ServerEvent>) =>
      sendNdjson(reply, values),
  ],
])("%s", (_name, send) => {
  it("keeps nothing of what it has sent, however long the stream lasts", async () => {
    const sent: WeakRef<ServerEvent>[] = [];
    const { events, push, isWanted } = source();
    server = new ServerManager({ port: 0 });
    server.get("/", (request, reply) => send(request, reply, events));
    await server.start();
    const client = new RawClient(server.url!);
    client.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(isWanted);
    for (let at = 0; at < 20; at += 1) {
      const event = { data: `<${at}>` };
      sent.push(new WeakRef(event));
      push(event);
      await until(() => client.received.includes(`<${at}>`));
    }
    collect();
    // the last ones may still be at hand
    expect(sent.filter((each) => each.deref()).length).toBeLessThan(5);
    client.socket.destroy();
  });
});

describe("sendEvents", () => {
  it("sends events in the form of the standard, and ends with them", async () => {
    server = new ServerManager({ port: 0 });
    server.get("/", (request, reply) => sendEvents(request, reply, three(), { retry: "2s" }));
    await server.start();
    const response = await fetch(server.url!);

    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toBe(
      [
        "retry: 2000",
        "data: one",
        'id: 2\nevent: note\ndata: {"two":"lines"}',
        "data: a\ndata: b\ndata: c",
        "",
      ].join("\n\n"),
    );
  });

  it("closes the source when the client goes away", async () => {
    const { events, push, isOpen } = source();
    server = new ServerManager({ port: 0 });
    server.get("/", (request, reply) => sendEvents(request, reply, events));
    await server.start();
    const client = new RawClient(server.url!);
    client.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => client.received.includes("\r\n\r\n"));
    push({ data: "x" });
    await until(() => client.received.includes("data: x"));
    client.socket.destroy();
    await until(() => server.stats().inFlight === 0);
    push({ data: "y" });
    await until(() => !isOpen());
    expect(isOpen()).toBe(false);
  });

  it("Trap: ends when the server begins to stop, and is not cut", async () => {
    const { events } = source();
    server = new ServerManager({ port: 0, stopTimeout: "20s" });
    server.get("/", (request, reply) => sendEvents(request, reply, events));
    await server.start();
    const text = (await fetch(server.url!)).text();
    await until(() => server.stats().inFlight === 1);
    await server.stop();

    expect(await text).toBe(":\n\n");
    expect(server.cutRequests).toEqual([]);
  });

  it("says that it lives when there is nothing to say, and cuts what fails in the middle", async () => {
    const timers: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      setTimeout: (callback) => {
        timers.push(callback);
        return () => undefined;
      },
    };
    const { events } = source();
    server = new ServerManager({ port: 0 });
    server.get("/quiet", (request, reply) => sendEvents(request, reply, events, { clock }));
    server.get("/fails", (request, reply) =>
      sendEvents(
        request,
        reply,
        (async function* () {
          yield { data: "first" };
          throw new Error("lost");
        })(),
      ),
    );
    await server.start();
    const client = new RawClient(server.url!);
    client.socket.write("GET /quiet HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => timers.length === 1);
    timers[0]!();
    await until(() => client.received.split(":\n\n").length === 3);
    client.socket.destroy();
    await expect(fetch(`${server.url}/fails`).then((answer) => answer.text())).rejects.toThrow(
      /terminated|fetch failed/,
    );
  });
});

describe("sendNdjson", () => {
  it("sends one value a line, as fast as the client reads, and cuts what fails", async () => {
    server = new ServerManager({ port: 0 });
    let made = 0;
    server.get("/", (_request, reply) =>
      sendNdjson(
        reply,
        (async function* () {
          for (; made < 2000; made += 1) yield { made, text: "x".repeat(10_000) };
        })(),
      ),
    );
    server.get("/fails", (_request, reply) =>
      sendNdjson(
        reply,
        (async function* () {
          yield 1;
          throw new Error("lost");
        })(),
      ),
    );
    await server.start();
    const slow = new RawClient(server.url!);
    slow.socket.pause();
    slow.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let before = -1;
    // it makes no more once what lies between is full
    await until(() => {
      const same = made === before && made > 0;
      before = made;
      return same;
    });
    expect(made).toBeLessThan(2000);
    slow.socket.destroy();
    await expect(fetch(`${server.url}/fails`).then((answer) => answer.text())).rejects.toThrow(
      /terminated|fetch failed/,
    );
  });
});
