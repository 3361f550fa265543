import { silentLogger, type Logger } from "@infra/interfaces";
import { fastifyLogger } from "@infra/middleware/fastify-logger";
import { MemoryLogger } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

function serve(routes: (app: FastifyInstance) => void) {
  const logger = new MemoryLogger();
  app = fastify({ loggerInstance: fastifyLogger({ logger }) });
  routes(app);
  return { app, logger };
}

describe("fastifyLogger()", () => {
  it("has what Fastify says of a request, with its id", async () => {
    const served = serve((routes) => {
      routes.get("/", (request) => {
        request.log.info({ user: 7 }, "hello %s", "ann");
        return "ok";
      });
    });
    await served.app.inject("/");
    const requestId = "req-1";
    const req = expect.objectContaining({ method: "GET", url: "/" });
    expect(served.logger.lines).toEqual([
      { level: "info", message: "incoming request", meta: { requestId, req } },
      { level: "info", message: "hello ann", meta: { requestId, user: 7 } },
      {
        level: "info",
        message: "request completed",
        meta: { requestId, res: { statusCode: 200 }, responseTime: expect.any(Number) },
      },
    ]);
  });

  it("has the error of a handler as it is", async () => {
    const boom = new Error("boom", { cause: new Error("below") });
    const served = serve((routes) => {
      routes.get("/", () => {
        throw boom;
      });
    });
    await served.app.inject("/");
    const line = served.logger.lines.find(({ level }) => level === "error");
    expect(line).toMatchObject({ message: "boom", meta: { requestId: "req-1" } });
    expect(line!.meta["error"]).toBe(boom);
  });

  it("keeps to the level of a route", async () => {
    const served = serve((routes) => {
      routes.get("/", { logLevel: "warn" }, (request, reply) => {
        request.log.info("too low");
        reply.log.warn("high enough");
        return "ok";
      });
      routes.get("/quiet", { logLevel: "silent" }, (request) => {
        request.log.fatal("never");
        return "ok";
      });
    });
    await served.app.inject("/");
    await served.app.inject("/quiet");
    expect(served.logger.lines.map(({ message }) => message)).toEqual(["high enough"]);
  });

  it("takes lines the pino way: a text, values, fields alone, an error alone", () => {
    const logger = new MemoryLogger({ level: "debug" });
    const log = fastifyLogger({ logger });
    const error = new Error("it broke");
    log.info("hello %s", "you");
    log.warn({ user: 7 }, "seen %d times", 2);
    log.error(error);
    log.fatal({ err: error, at: 1 });
    log.debug({ a: 1 });
    log.trace("below the logger's own level");
    log.silent("nothing");
    log.level = "error";
    log.warn("below its own");
    log.level = "a level of somebody else";
    log.info("passes");
    expect(logger.lines).toEqual([
      { level: "info", message: "hello you", meta: {} },
      { level: "warn", message: "seen 2 times", meta: { user: 7 } },
      { level: "error", message: "it broke", meta: { error } },
      { level: "fatal", message: "it broke", meta: { error, at: 1 } },
      { level: "debug", message: "", meta: { a: 1 } },
      { level: "info", message: "passes", meta: {} },
    ]);
  });

  it("makes children with bindings, serializers and a level", () => {
    const logger = new MemoryLogger();
    const log = fastifyLogger({ logger }).child(
      { reqId: "a" },
      { serializers: { user: ({ id }: { id: number }) => id }, level: "warn" },
    );
    log.info("too low");
    const user = { id: 7, name: "secret" };
    log.child({ more: true }).warn({ user, constructor: 1 }, "seen");
    expect(logger.lines).toEqual([
      {
        level: "warn",
        message: "seen",
        meta: { requestId: "a", more: true, user: 7, constructor: 1 },
      },
    ]);
  });

  it("reads no field itself: a logger bears one that throws", () => {
    const given: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      isEnabled: () => true,
      child: () => logger,
      info: (_message, meta) => void given.push(meta),
    };
    const serializers = {
      user: () => {
        throw new Error("no");
      },
    };
    fastifyLogger({ logger }).child({}, { serializers }).info({ user: 1, reqId: "a" }, "x");
    expect(Object.keys(given[0] as object)).toEqual(["user", "requestId"]);
    expect(() => (given[0] as { user: number }).user).toThrow("no");
  });
});
