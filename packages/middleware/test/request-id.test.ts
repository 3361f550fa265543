import { requestId, type RequestIdOptions } from "@infra/middleware/request-id";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async function ask(headers: Record<string, string>, options: RequestIdOptions = {}) {
  const app = fastify();
  app.register(requestId, options);
  app.get("/", (request) => ({ id: request.id, trace: request.trace }));
  const response = await app.inject({ url: "/", headers });
  return { headers: response.headers, body: response.json<Record<string, unknown>>() };
}

describe("requestId", () => {
  it("gives a request a new id, and says it in the response", async () => {
    const { headers, body } = await ask({});

    expect(body["id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers["x-request-id"]).toBe(body["id"]);
  });

  it("takes over the id that a request brings", async () => {
    expect((await ask({ "x-request-id": "abc:1" })).body["id"]).toBe("abc:1");
  });

  it.each(["", "a b", 'a"b', "x".repeat(129), "a\tb"])(
    "Trap: does not take over %j, which could forge a log line",
    async (id) => {
      expect((await ask({ "x-request-id": id })).body["id"]).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it("goes by its options", async () => {
    const options = { header: "X-Trace", accept: false, generator: { next: () => "id-1" } };
    const { headers } = await ask({ "x-trace": "given" }, options);

    expect(headers["x-trace"]).toBe("id-1");
    await expect(ask({}, { header: "no good" })).rejects.toThrow(/valid HTTP token/);
  });

  it("answers not-found and errors with the id too", async () => {
    const app = fastify();
    app.register(requestId);

    expect((await app.inject("/nowhere")).headers["x-request-id"]).toBeDefined();
  });

  it("keeps the W3C trace context", async () => {
    expect((await ask({ traceparent, tracestate: "a=b" })).body["trace"]).toEqual({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentId: "b7ad6b7169203331",
      sampled: true,
      traceparent,
      tracestate: "a=b",
    });
    expect((await ask({})).body["trace"]).toBeUndefined();
  });
});
