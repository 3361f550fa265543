import { errorHandler } from "@infra/middleware/error-handler";
import { limits, type LimitsOptions } from "@infra/middleware/limits";
import { describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

function createApp(options: LimitsOptions): FastifyInstance {
  const app = fastify();
  app.register(errorHandler);
  app.register(limits, options);
  app.register((routes, _options, done) => {
    routes.get("/", () => "ok");
    routes.post("/", () => "ok");
    routes.post("/large", { bodyLimit: 1000 }, () => "ok");
    done();
  });
  return app;
}

describe("limits", () => {
  it("answers a longer URL with 414", async () => {
    const app = createApp({ url: 100 });

    expect((await app.inject(`/?q=${"x".repeat(96)}`)).statusCode).toBe(200);
    const refused = await app.inject(`/?q=${"x".repeat(97)}`);
    expect(refused.statusCode).toBe(414);
    expect(refused.json()).toMatchObject({
      code: "ERR_MIDDLEWARE_URL_TOO_LONG",
      detail: "the URL is longer than 100 bytes",
    });
  });

  it("answers a larger body with 413, unless the route allows it", async () => {
    const app = createApp({ body: "100b" });
    const post = (url: string) =>
      app.inject({ method: "POST", url, payload: { text: "x".repeat(200) } });

    expect((await post("/")).statusCode).toBe(413);
    expect((await post("/large")).statusCode).toBe(200);
  });

  it("refuses limits that are none, naming them", async () => {
    await expect(createApp({ url: 0 }).ready()).rejects.toThrow(
      "limits: url must be a whole number above zero, got 0",
    );
    await expect(createApp({ body: "1 furlong" as never }).ready()).rejects.toThrow(
      /^body must be/,
    );
  });

  it("answers JSON that is nested too deep with 400, whoever parses it", async () => {
    const app = createApp({ jsonDepth: 3 });
    const post = (payload: unknown) =>
      app.inject({ method: "POST", url: "/", payload: payload as object });

    expect((await post([[[1]]])).statusCode).toBe(200);
    const refused = await post({ a: [{ b: {} }] });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({
      code: "ERR_MIDDLEWARE_JSON_TOO_DEEP",
      detail: "the body is nested deeper than 3 levels",
    });
    await expect(createApp({ jsonDepth: 0 }).ready()).rejects.toThrow("jsonDepth must be");
  });

  it("answers a compressed body with 415, unless somebody reads it", async () => {
    const app = createApp({});
    const post = (encoding: string) =>
      app.inject({
        method: "POST",
        url: "/",
        payload: "{}",
        headers: { "content-type": "application/json", "content-encoding": encoding },
      });

    expect((await post("gzip")).json()).toMatchObject({
      code: "ERR_MIDDLEWARE_UNSUPPORTED_ENCODING",
    });
    expect((await post("identity")).statusCode).toBe(200);
  });
});
