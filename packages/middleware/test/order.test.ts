import { authentication } from "@infra/middleware/authentication";
import { cookies } from "@infra/middleware/cookies";
import { csrf } from "@infra/middleware/csrf";
import { errorHandler } from "@infra/middleware/error-handler";
import { printMiddleware, routeMiddleware } from "@infra/middleware/order";
import { rateLimit } from "@infra/middleware/rate-limit";
import { requestId } from "@infra/middleware/request-id";
import { securityHeaders } from "@infra/middleware/security-headers";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const authenticator = { authenticate: async () => undefined };

describe("the order of plugins", () => {
  it("is checked when the application boots, and the error says what to do", async () => {
    const app = fastify();
    app.register(csrf, { secret: "s".repeat(32) });
    app.register(cookies);

    await expect(app.ready()).rejects.toMatchObject({
      code: "ERR_MIDDLEWARE_ORDER",
      message:
        "csrf is registered before cookies, and has to come after it: register cookies first",
      details: { first: "cookies", second: "csrf" },
    });
  });

  it("is checked between a scope and what is around it", async () => {
    const app = fastify();
    app.register(authentication, { authenticator });
    app.register(async (scope) => {
      await scope.register(requestId);
    });

    await expect(app.ready()).rejects.toMatchObject({ code: "ERR_MIDDLEWARE_ORDER" });
  });

  it("can be printed for each route, scope by scope", async () => {
    const app = fastify({ exposeHeadRoutes: false });
    await app.register(requestId);
    await app.register(securityHeaders);
    await app.register(errorHandler);
    app.get("/", () => "ok");
    await app.register(
      async (scope) => {
        await scope.register(rateLimit, { limit: 5 });
        await scope.register(rateLimit, { limit: 50, window: "1h", name: "hour" });
        scope.route({ method: ["GET", "POST"], url: "/notes", handler: () => "ok" });
      },
      { prefix: "/api" },
    );
    await app.ready();

    const around = ["request-id", "security-headers", "error-handler"];
    expect(routeMiddleware(app)).toEqual([
      { method: "GET", url: "/", middleware: around },
      { method: "GET", url: "/api/notes", middleware: [...around, "rate-limit", "rate-limit"] },
      { method: "POST", url: "/api/notes", middleware: [...around, "rate-limit", "rate-limit"] },
    ]);
    expect(printMiddleware(app)).toBe(
      [
        "GET /            request-id > security-headers > error-handler",
        "GET /api/notes   request-id > security-headers > error-handler > rate-limit > rate-limit",
        "POST /api/notes  request-id > security-headers > error-handler > rate-limit > rate-limit",
      ].join("\n"),
    );
    expect(printMiddleware(fastify())).toBe("");
  });

  it("Trap: what a plugin adds to requests is there in every scope below", async () => {
    const app = fastify();
    app.register(cookies);
    app.register(authentication, { authenticator, mode: "optional" });
    app.register(csrf, { secret: "s".repeat(32) });
    app.register(async (scope) => {
      scope.register(async (deeper) => {
        deeper.get("/", (request) => ({
          decorated: ["principal", "csrfToken", "signedCookie"].map((each) => each in request),
          token: typeof request.csrfToken(),
        }));
      });
    });

    expect((await app.inject("/")).json()).toEqual({
      decorated: [true, true, true],
      token: "string",
    });
  });
});
