import { ConflictError, NotFoundError, RateLimitedError } from "@infra/errors";
import {
  errorHandler,
  sendProblem,
  type ErrorHandlerOptions,
} from "@infra/middleware/error-handler";
import { describe, expect, it, jest } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

function createApp(options: ErrorHandlerOptions = {}): FastifyInstance {
  const app = fastify({ bodyLimit: 100, frameworkErrors: sendProblem });
  app.register(errorHandler, options);
  return app;
}

/** Throws `error` on `GET /`, and returns the answer. */
async function answerTo(error: unknown) {
  const app = createApp();
  app.get("/", () => {
    throw error;
  });
  const response = await app.inject("/");
  return { response, problem: response.json<Record<string, unknown>>() };
}

describe("errorHandler", () => {
  it("answers an InfraError with its status, code and words, as problem+json", async () => {
    const { response, problem } = await answerTo(new ConflictError("the seat is taken"));

    expect(response.statusCode).toBe(409);
    expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(problem).toEqual({
      type: "about:blank",
      title: "Conflict",
      status: 409,
      detail: "the seat is taken",
      instance: "req-1",
      code: "ERR_CONFLICT",
    });
  });

  it("Trap: a 500 never carries the message, the stack, a path or SQL", async () => {
    for (const error of [
      new Error("select * from users -- /srv/app/users.ts"),
      Object.assign(new Error("secret"), { statusCode: 500, code: "FST_ERR_SECRET" }),
      Object.assign(new Error("secret"), { statusCode: 200 }),
      "secret",
      undefined,
    ]) {
      const { response } = await answerTo(error);

      expect(response.statusCode).toBe(500);
      expect(response.json()).toMatchObject({
        detail: "Something went wrong.",
        code: "ERR_INTERNAL",
      });
      expect(response.body).not.toMatch(/secret|select|srv|stack/i);
    }
  });

  it("takes the status of a foreign error, and its words only when they are meant for clients", async () => {
    const upstream = Object.assign(new Error("GET http://10.0.0.7/internal"), { statusCode: 404 });
    const httpError = Object.assign(new Error("no such page"), { statusCode: 404, expose: true });
    const plugin = Object.assign(new Error("no token"), { statusCode: 401, code: "FST_JWT_NONE" });
    const teapot = Object.assign(new Error("short and stout"), { status: 418, expose: true });

    expect((await answerTo(upstream)).problem).toMatchObject({
      status: 404,
      detail: "the request was refused",
      code: "ERR_NOT_FOUND",
    });
    expect((await answerTo(httpError)).problem).toMatchObject({ detail: "no such page" });
    expect((await answerTo(plugin)).problem).toMatchObject({
      status: 401,
      detail: "no token",
      code: "FST_JWT_NONE",
    });
    expect((await answerTo(teapot)).problem).toMatchObject({
      status: 418,
      code: "ERR_MIDDLEWARE_REQUEST_REFUSED",
    });
  });

  it("points to each mistake of refused input", async () => {
    const app = createApp();
    const schema = {
      body: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string" },
          tags: { type: "array", items: { type: "string", maxLength: 2 } },
        },
      },
      querystring: { type: "object", properties: { limit: { type: "integer" } } },
    };
    app.post("/", { schema }, () => ({}));

    const missing = await app.inject({ method: "POST", url: "/", payload: {} });
    expect(missing.statusCode).toBe(400);
    expect(missing.json()).toMatchObject({
      code: "ERR_VALIDATION",
      errors: [{ pointer: "/body/name", detail: "must have required property 'name'" }],
    });
    const nested = { name: "a", tags: ["ok", "much too long"] };
    expect((await app.inject({ method: "POST", url: "/", payload: nested })).json()).toMatchObject({
      errors: [{ pointer: "/body/tags/1" }],
    });
    const query = await app.inject({ method: "POST", url: "/?limit=x", payload: { name: "a" } });
    expect(query.json()).toMatchObject({ errors: [{ pointer: "/query/limit" }] });
  });

  it.each([
    ["a body too large", { payload: { a: "x".repeat(200) } }, 413, "BODY_TOO_LARGE"],
    ["a body that is no JSON", { payload: "{", headers: json() }, 400, "MALFORMED_BODY"],
    ["an empty JSON body", { payload: "", headers: json() }, 400, "MALFORMED_BODY"],
    [
      "prototype poisoning",
      { payload: '{"__proto__":{}}', headers: json() },
      400,
      "MALFORMED_BODY",
    ],
    ["an unknown type", { payload: "x", headers: json("a/b") }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["an undecodable URL", { url: "/%zz" }, 400, "MALFORMED_URL"],
    ["a parameter too long", { url: `/p/${"x".repeat(101)}` }, 414, "URL_TOO_LONG"],
    ["no such route", { url: "/nowhere?token=secret" }, 404, "ROUTE_NOT_FOUND"],
  ])("answers %s with a status and code of its own", async (_title, request, status, code) => {
    const app = createApp();
    app.post("/", () => ({}));
    app.post("/p/:id", () => ({}));

    const response = await app.inject({ method: "POST", url: "/", ...request });

    expect(response.statusCode).toBe(status);
    expect(response.headers["content-type"]).toMatch("application/problem+json");
    expect(response.json()).toMatchObject({ status, code: `ERR_MIDDLEWARE_${code}` });
    expect(response.body).not.toMatch(/secret|%zz|proto|stack/);
  });

  it("names the bound that a body went over", async () => {
    const app = createApp();
    app.post("/", () => ({}));
    const response = await app.inject({
      method: "POST",
      url: "/",
      payload: { a: "x".repeat(200) },
    });

    expect(response.json()).toMatchObject({ detail: "the body is larger than 100 bytes" });
  });

  it("sends retry-after when the error knows", async () => {
    const { response } = await answerTo(new RateLimitedError("slow down", { retryAfterMs: 1500 }));

    expect(response.statusCode).toBe(429);
    expect(response.headers["retry-after"]).toBe("2");
  });

  it("is not cut down by a response schema of the route", async () => {
    const app = createApp();
    const schema = { response: { "4xx": { type: "object", properties: { nothing: {} } } } };
    app.get("/", { schema }, () => {
      throw new NotFoundError("gone");
    });

    expect((await app.inject("/")).json()).toMatchObject({ code: "ERR_NOT_FOUND", detail: "gone" });
  });

  it("logs what amounts to 500, with the error, and nothing below", async () => {
    const error = jest.fn();
    const app = fastify({
      childLoggerFactory: (logger) => Object.assign(Object.create(logger), { error }),
    });
    app.register(errorHandler);
    app.get("/500", () => {
      throw new Error("broken");
    });
    app.get("/404", () => {
      throw new NotFoundError("gone");
    });

    await app.inject("/404");
    expect(error).not.toHaveBeenCalled();
    await app.inject("/500");
    expect(error).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: "broken" }) },
      "request failed",
    );
  });

  it.each([
    [undefined, "application/problem+json"],
    ["*/*", "application/problem+json"],
    ["application/json", "application/problem+json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    ["text/plain", "text/plain"],
    ["image/png", "application/problem+json"],
    ["nonsense;;q=", "application/problem+json"],
  ])("answers a client that accepts %s with %s", async (accept, type) => {
    const app = createApp();
    app.get("/", () => {
      throw new NotFoundError('no <b>"note"</b>');
    });
    const response = await app.inject({ url: "/", headers: accept ? { accept } : {} });

    expect(response.statusCode).toBe(404);
    expect(response.headers["content-type"]).toBe(`${type}; charset=utf-8`);
    expect(response.headers["vary"]).toBe("accept");
    expect(response.body).toContain(
      {
        "application/problem+json": String.raw`"detail":"no <b>\"note\"</b>"`,
        "text/html": "<p>no &lt;b&gt;&quot;note&quot;&lt;/b&gt;</p>",
        "text/plain": '404 Not Found: no <b>"note"</b>\n',
      }[type]!,
    );
  });

  it("goes over what is sent with redact", async () => {
    const app = createApp({ redact: (text) => text.replaceAll(/\d{4,}/g, "…") });
    app.get("/", () => {
      throw new NotFoundError("no card 4111111111111111");
    });

    expect((await app.inject("/")).json()).toMatchObject({ detail: "no card …" });
  });

  it("takes back what the handler has set for a body that is not sent", async () => {
    const app = createApp();
    app.get("/", (_request, reply) => {
      reply.headers({ etag: '"x"', "cache-control": "max-age=3600", "x-kept": "yes" });
      throw new NotFoundError("gone");
    });
    const { headers } = await app.inject("/");

    expect(headers["etag"]).toBeUndefined();
    expect(headers["cache-control"]).toBeUndefined();
    expect(headers["x-kept"]).toBe("yes");
  });

  it("leaves the not-found handler to the application with notFound: false", async () => {
    const app = createApp({ notFound: false });
    app.setNotFoundHandler((_request, reply) => reply.code(404).send("mine"));

    expect((await app.inject("/nowhere")).body).toBe("mine");
  });
});

function json(type = "application/json") {
  return { "content-type": type };
}
