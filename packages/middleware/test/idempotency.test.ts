import { Readable } from "node:stream";

import { errorHandler } from "@infra/middleware/error-handler";
import { idempotency, type IdempotencyOptions } from "@infra/middleware/idempotency";
import { MemoryLogger } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: IdempotencyOptions = {}) {
  const app = fastify();
  let calls = 0;
  const waiting: (() => void)[] = [];
  app.register(errorHandler);
  app.register(idempotency, options);
  app.after(() => {
    app.post("/", (request, reply) =>
      reply.code(201).header("x-made", "yes").send({ call: ++calls, body: request.body }),
    );
    app.post("/fails", (_request, reply) => reply.code(500).send({ call: ++calls }));
    app.post("/refuses", (_request, reply) => reply.code(409).send({ call: ++calls }));
    app.post("/slow", async () => {
      calls += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return "slow";
    });
    app.post("/bytes", (_request, reply) => reply.send(Buffer.from([0, 255, ++calls])));
    app.post("/stream", (_request, reply) => reply.send(Readable.from([`call ${++calls}`])));
    app.post("/must", { config: { idempotency: "required" } }, () => ({ call: ++calls }));
    app.post("/never", { config: { idempotency: "none" } }, () => ({ call: ++calls }));
    app.put("/", () => ({ call: ++calls }));
  });
  const send = (url: string, key: string | undefined, payload: object = {}, more = {}) =>
    app.inject({
      method: "POST",
      url,
      payload,
      headers: { ...(key && { "idempotency-key": key }) },
      ...more,
    });
  return { app, send, waiting, calls: () => calls };
}

const gone = () => Promise.reject(new Error("gone"));

describe("idempotency", () => {
  it("does a thing once, and sends its answer again", async () => {
    const { send, calls } = createApp();
    const first = await send("/", "a", { title: "x" });
    const again = await send("/", '"a"', { title: "x" });

    expect(first.json()).toEqual({ call: 1, body: { title: "x" } });
    expect(again.statusCode).toBe(201);
    expect(again.json()).toEqual(first.json());
    expect(again.headers).toMatchObject({ "idempotency-replayed": "true", "x-made": "yes" });
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    expect(calls()).toBe(1);
    expect((await send("/", "b", { title: "x" })).json()).toMatchObject({ call: 2 });
    expect((await send("/", undefined)).json()).toMatchObject({ call: 3 });
  });

  it("Trap: of many at a time one runs, the others are answered with 409", async () => {
    const { app, send, waiting, calls } = createApp();
    await app.ready();
    const all = Array.from({ length: 20 }, () => send("/slow", "a"));
    while (waiting.length === 0) await new Promise(setImmediate);
    const early = await Promise.race(all);
    expect(early.statusCode).toBe(409);
    expect(early.json()).toMatchObject({ code: "ERR_MIDDLEWARE_IDEMPOTENCY_CONFLICT" });
    expect(early.headers["retry-after"]).toBe("1");
    waiting[0]!();
    const statuses = (await Promise.all(all)).map(({ statusCode }) => statusCode);

    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
    expect(calls()).toBe(1);
    expect((await send("/slow", "a")).body).toBe("slow");
  });

  it("refuses a key for something else with 422, and keeps clients apart", async () => {
    const { send } = createApp();
    await send("/", "a", { title: "x" });
    const other = await send("/", "a", { title: "y" });

    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: "ERR_MIDDLEWARE_IDEMPOTENCY_MISMATCH" });
    expect((await send("/refuses", "a", { title: "x" })).statusCode).toBe(422);
    const elsewhere = await send("/", "a", { title: "z" }, { remoteAddress: "10.0.0.9" });
    expect(elsewhere.json()).toMatchObject({ call: 2 });
  });

  it("keeps refusals and bytes, and lets go of failures and streams", async () => {
    const { send } = createApp();
    const twice = async (url: string) => [await send(url, url), await send(url, url)] as const;

    const [refused, refusedAgain] = await twice("/refuses");
    expect(refusedAgain.json()).toEqual(refused.json());
    const [bytes, bytesAgain] = await twice("/bytes");
    expect(bytesAgain.rawPayload).toEqual(bytes.rawPayload);
    const [failed, failedAgain] = await twice("/fails");
    expect(failedAgain.json()).not.toEqual(failed.json());
    const [stream, streamAgain] = await twice("/stream");
    expect(streamAgain.body).not.toBe(stream.body);
  });

  it("goes by the route and the method", async () => {
    const { app, send } = createApp();
    const missing = await send("/must", undefined);
    expect(missing.statusCode).toBe(400);
    expect(missing.json()).toMatchObject({ code: "ERR_MIDDLEWARE_IDEMPOTENCY_KEY" });
    expect((await send("/must", "has space")).statusCode).toBe(400);
    for (const [url, method] of [
      ["/never", "POST"],
      ["/", "PUT"],
    ] as const) {
      const request = { method, url, headers: { "idempotency-key": "k" } };
      expect((await app.inject(request)).json()).not.toEqual((await app.inject(request)).json());
    }
  });

  it("Trap: does nothing when its store does not answer; an answer that can't be kept is sent", async () => {
    const { send, calls } = createApp({ store: { get: gone, set: gone, add: gone, delete: gone } });
    expect((await send("/", "a")).statusCode).toBe(503);
    expect(calls()).toBe(0);

    const logger = new MemoryLogger();
    const late = createApp({
      store: { get: gone, set: gone, add: async () => true, delete: gone },
      logger,
    });
    expect((await late.send("/", "a")).statusCode).toBe(201);
    expect(logger.lines[0]!.message).toBe("idempotency: an answer could not be kept");
  });
});
