import { errorHandler } from "@infra/middleware/error-handler";
import { responseCache, type ResponseCacheOptions } from "@infra/middleware/response-cache";
import { ManualClock, MemoryLogger } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: ResponseCacheOptions = {}) {
  const app = fastify();
  let calls = 0;
  const cached = { responseCache: { ttl: "1m" } } as const;
  app.register(errorHandler);
  app.addHook("onRequest", (request, _reply, next) => {
    const id = request.headers["x-user"];
    if (id) Object.assign(request, { principal: { id } });
    next();
  });
  app.register(responseCache, options);
  app.after(() => {
    app.get("/", { config: cached }, (_request, reply) =>
      reply.header("x-own", "kept").send({ call: ++calls }),
    );
    app.post("/", { config: cached }, () => ({ call: ++calls }));
    app.get("/plain", () => ({ call: ++calls }));
    app.get("/404", { config: cached }, (_request, reply) => reply.code(404).send({ c: ++calls }));
    app.get("/cookie", { config: cached }, (_request, reply) =>
      reply.header("set-cookie", "a=1").send({ call: ++calls }),
    );
    app.get("/private", { config: cached }, (_request, reply) =>
      reply.header("cache-control", "private").send({ call: ++calls }),
    );
    app.get(
      "/vary",
      { config: { responseCache: { ttl: "1m", vary: ["accept-language"] } } },
      ({ headers }) => ({ call: ++calls, language: headers["accept-language"] }),
    );
    app.get(
      "/mine",
      {
        config: {
          responseCache: { ttl: "1m", scope: (request) => request.headers["x-user"] as string },
        },
      },
      () => ({ call: ++calls }),
    );
  });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  return { app, get };
}

const gone = () => Promise.reject(new Error("gone"));

describe("responseCache", () => {
  it("sends an answer again, with its age, until its time is up", async () => {
    const clock = new ManualClock();
    const { get } = createApp({ clock });
    const first = await get("/?a=1");
    await clock.advance(5000);
    const again = await get("/?a=1");

    expect(first.headers["x-cache"]).toBe("miss");
    expect(again.headers).toMatchObject({ "x-cache": "hit", age: "5", "x-own": "kept" });
    expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
    expect(again.json()).toEqual(first.json());
    expect((await get("/?a=2")).headers["x-cache"]).toBe("miss");
  });

  it("Trap: keeps nothing of whoever is logged in, unless it is said whose it is", async () => {
    const { get } = createApp();
    await get("/", { "x-user": "ada" });
    await get("/", { authorization: "Bearer x" });
    expect((await get("/")).headers["x-cache"]).toBe("miss");
    expect((await get("/", { "x-user": "ada" })).headers["x-cache"]).toBeUndefined();

    const ada = await get("/mine", { "x-user": "ada" });
    expect((await get("/mine", { "x-user": "ada" })).json()).toEqual(ada.json());
    expect((await get("/mine", { "x-user": "bob" })).json()).not.toEqual(ada.json());
    expect((await get("/mine")).headers["x-cache"]).toBeUndefined();
  });

  it("keeps no cookie, nothing private, no failure, no other method, no route that did not ask", async () => {
    const { app, get } = createApp();
    for (const url of ["/cookie", "/private", "/404", "/plain"]) {
      expect((await get(url)).json()).not.toEqual((await get(url)).json());
    }
    const post = () => app.inject({ method: "POST", url: "/" });
    expect((await post()).json()).not.toEqual((await post()).json());
  });

  it("tells answers apart by the headers that the route names, and says so", async () => {
    const { get } = createApp();
    const english = await get("/vary", { "accept-language": "en" });

    expect(english.headers["vary"]).toBe("accept-language");
    expect((await get("/vary", { "accept-language": "de" })).json()).toMatchObject({
      language: "de",
    });
    expect((await get("/vary", { "accept-language": "en" })).json()).toEqual(english.json());
  });

  it("makes an answer anew for who asks for that, and keeps it", async () => {
    const { get } = createApp();
    const first = await get("/");
    const fresh = await get("/", { "cache-control": "no-cache" });

    expect(fresh.json()).not.toEqual(first.json());
    expect((await get("/")).json()).toEqual(fresh.json());
  });

  it("goes on without its store, and refuses a ttl that is none at boot", async () => {
    const logger = new MemoryLogger();
    const { get } = createApp({ store: { get: gone, set: gone, add: gone, delete: gone }, logger });

    expect((await get("/")).statusCode).toBe(200);
    expect(logger.lines.map(({ message }) => message)).toContain(
      "response cache: the store does not answer",
    );
    const { app } = createApp();
    app.after(() => {
      expect(() =>
        app.get("/bad", { config: { responseCache: { ttl: "soon" as never } } }, () => "x"),
      ).toThrow("responseCache.ttl");
    });
    await app.ready();
  });
});
