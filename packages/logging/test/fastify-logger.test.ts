import { afterEach, describe, expect, it } from "@jest/globals";
import fastify, { type FastifyInstance } from "fastify";

import { fastifyLogger } from "../src/index.js";
import { recordingLogger } from "./recording-logger.js";

let app: FastifyInstance | undefined;
afterEach(async () => {
  await app?.close();
});

function serve(routes: (app: FastifyInstance) => void) {
  const { logger, recorder } = recordingLogger();
  app = fastify({ loggerInstance: fastifyLogger(logger.child({ category: "http" })) });
  routes(app);
  return { app, recorder };
}

describe("fastifyLogger()", () => {
  it("has what Fastify says of a request, with its id", async () => {
    const served = serve((routes) => {
      routes.get("/", (request) => {
        request.log.info({ user: 7, token: "hunter2" }, "hello %s", "ann");
        return "ok";
      });
    });
    await served.app.inject("/");
    const { entries } = served.recorder;
    expect(entries.map(({ level, category, message }) => [level, category, message])).toEqual([
      ["info", "http", "incoming request"],
      ["info", "http", "hello ann"],
      ["info", "http", "request completed"],
    ]);
    expect(entries.map(({ meta }) => meta["requestId"])).toEqual(["req-1", "req-1", "req-1"]);
    expect(entries[0]?.meta["req"]).toMatchObject({ method: "GET", url: "/" });
    expect(entries[1]?.meta).toMatchObject({ user: 7, token: "[redacted]" });
    expect(entries[2]?.meta).toMatchObject({
      res: { statusCode: 200 },
      responseTime: expect.any(Number),
    });
  });

  it("has the error of a handler with its stack and cause", async () => {
    const served = serve((routes) => {
      routes.get("/", () => {
        throw new Error("boom", { cause: new Error("below") });
      });
    });
    await served.app.inject("/");
    expect(served.recorder.find("error")).toMatchObject([
      {
        message: "boom",
        meta: {
          error: { message: "boom", stack: expect.any(String), cause: { message: "below" } },
        },
      },
    ]);
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
    expect(served.recorder.messages).toEqual(["high enough"]);
  });

  it("takes lines the pino way: an error alone, fields alone, values", () => {
    const { logger, recorder } = recordingLogger();
    const log = fastifyLogger(logger);
    log.error(new Error("it broke"));
    log.fatal({ err: new Error("it broke"), at: 1 });
    log.warn("seen %d times", 2);
    log.debug({ a: 1 });
    log.trace("below the logger's own level");
    log.silent();
    log.level = "error";
    log.warn("below its own");
    log.level = "a level of somebody else";
    log.info("passes");
    const error = expect.objectContaining({ message: "it broke" });
    expect(recorder.entries.map(({ level, message, meta }) => [level, message, meta])).toEqual([
      ["error", "it broke", { error }],
      ["fatal", "it broke", { error, at: 1 }],
      ["warn", "seen 2 times", {}],
      ["debug", "", { a: 1 }],
      ["info", "passes", {}],
    ]);
  });

  it("bears a serializer that throws", () => {
    const { logger, recorder } = recordingLogger();
    const serializers = {
      user: () => {
        throw new Error("no");
      },
    };
    const log = fastifyLogger(logger).child({ user: 1 }, { serializers });
    log.info({ user: 2, a: 1 }, "x");
    log.info("y");
    expect(recorder.entries.map(({ meta }) => meta)).toEqual([
      { user: "[unreadable]", a: 1 },
      { user: "[unreadable]" },
    ]);
  });
});
