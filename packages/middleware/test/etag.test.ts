import { errorHandler } from "@infra/middleware/error-handler";
import { etag, type EtagOptions } from "@infra/middleware/etag";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: EtagOptions = {}) {
  const app = fastify();
  app.register(errorHandler);
  app.register(etag, options);
  app.register(async (scope) => {
    scope.get("/", () => ({ title: "x" }));
    scope.put("/", (request) => {
      request.checkMatch('"v2"');
      return "changed";
    });
    scope.put("/must", (request) => {
      request.checkMatch('"v2"', { required: true });
      return "changed";
    });
    scope.put("/none", (request) => {
      request.checkMatch(undefined);
      return "made";
    });
    scope.put("/weak", (request) => {
      request.checkMatch('W/"v2"');
      return "changed";
    });
  });
  return app;
}

describe("etag", () => {
  it("answers who has it already with 304", async () => {
    const app = createApp();
    const { headers } = await app.inject("/");
    const again = await app.inject({
      url: "/",
      headers: { "if-none-match": String(headers["etag"]) },
    });

    expect(headers["etag"]).toMatch(/^".+"$/);
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe("");
    expect((await createApp({ weak: true }).inject("/")).headers["etag"]).toMatch(/^W\//);
  });

  it.each([
    ["/", '"v2"', 200],
    ["/", '"v1", "v2"', 200],
    ["/", "*", 200],
    ["/", undefined, 200],
    ["/", '"v1"', 412],
    ["/weak", 'W/"v2"', 412],
    ["/none", "*", 412],
    ["/none", undefined, 200],
    ["/must", undefined, 428],
    ["/must", '"v2"', 200],
  ])("%s with If-Match %s is %i", async (url, match, status) => {
    const headers = match === undefined ? {} : { "if-match": match };

    expect((await createApp().inject({ method: "PUT", url, headers })).statusCode).toBe(status);
  });
});
