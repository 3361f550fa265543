import { once } from "node:events";
import { connect } from "node:net";

import { errorHandler } from "@infra/middleware/error-handler";
import { timeouts, type TimeoutsOptions } from "@infra/middleware/timeouts";
import { ManualClock } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";

const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function until(condition: () => boolean) {
  while (!condition()) await new Promise(setImmediate);
}

function createApp(options: TimeoutsOptions = {}) {
  const clock = new ManualClock();
  const app = fastify({ forceCloseConnections: true });
  apps.push(app);
  const requests: FastifyRequest[] = [];
  const hang = (request: FastifyRequest) => {
    requests.push(request);
    return new Promise<string>(() => undefined);
  };
  app.register(errorHandler);
  app.register(timeouts, { clock, ...options });
  app.after(() => {
    app.post("/", hang);
    app.get("/short", { config: { timeout: "1s" } }, hang);
    app.get("/endless", { config: { timeout: false } }, hang);
    app.get("/late", async (request) => {
      requests.push(request);
      await new Promise((resolve) => request.timeoutSignal.addEventListener("abort", resolve));
      return "too late";
    });
    app.get("/begun", async (request, reply) => {
      reply.raw.writeHead(200);
      reply.raw.write("begun ");
      requests.push(request);
      await until(() => requests.length === 0);
      reply.raw.end("ended");
    });
    app.get("/quick", () => "ok");
  });
  return { app, clock, requests };
}

describe("timeouts", () => {
  it("Trap: cuts what takes too long also when it has a body, and aborts its signal", async () => {
    const { app, clock, requests } = createApp();
    const answer = app.inject({ method: "POST", url: "/", payload: { a: 1 } });
    await until(() => requests.length === 1);
    const { timeoutSignal } = requests[0]!;
    await clock.advance(29_000);
    expect(timeoutSignal.aborted).toBe(false);
    await clock.advance(2000);

    expect((await answer).statusCode).toBe(503);
    expect((await answer).json()).toMatchObject({ code: "ERR_MIDDLEWARE_HANDLER_TIMEOUT" });
    expect(timeoutSignal.reason).toMatchObject({ code: "ERR_MIDDLEWARE_HANDLER_TIMEOUT" });
  });

  it("goes by the route", async () => {
    const { app, clock, requests } = createApp();
    const short = app.inject("/short");
    const endless = app.inject("/endless");
    let ended = false;
    void endless.then(() => (ended = true));
    await until(() => requests.length === 2);
    await clock.advance(1300);
    expect((await short).statusCode).toBe(503);
    await clock.advance(3_600_000);
    expect(ended).toBe(false);
  });

  it("Trap: a handler that answers after all sends nothing twice", async () => {
    const { app, clock, requests } = createApp();
    const answer = app.inject("/late");
    await until(() => requests.length === 1);
    await clock.advance(31_000);

    expect((await answer).statusCode).toBe(503);
    expect((await app.inject("/quick")).body).toBe("ok");
  });

  it("leaves alone what has begun to answer", async () => {
    const { app, clock, requests } = createApp();
    const answer = app.inject("/begun");
    await until(() => requests.length === 1);
    await clock.advance(31_000);
    requests.length = 0;

    expect((await answer).body).toBe("begun ended");
  });

  it("Trap: has one timer, however many requests are under way, and none without", async () => {
    const { app, clock, requests } = createApp();
    const all = Array.from({ length: 50 }, () => app.inject("/short"));
    await until(() => requests.length === 50);
    expect(clock.pending).toBe(1);
    await clock.advance(2000);
    await Promise.all(all);
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  it("aborts the signal when the client goes away", async () => {
    const { app, requests } = createApp();
    await app.listen({ port: 0, host: "127.0.0.1" });
    const socket = connect((app.server.address() as { port: number }).port, "127.0.0.1");
    socket.write("GET /short HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => requests.length === 1);
    const { timeoutSignal } = requests[0]!;
    socket.destroy();
    if (!timeoutSignal.aborted) await once(timeoutSignal, "abort");
    expect(timeoutSignal.aborted).toBe(true);
  });

  it("refuses what is no time", async () => {
    await expect(createApp({ timeout: 0 }).app.ready()).rejects.toThrow(
      "timeouts: timeout must be above zero, got 0",
    );
  });
});
