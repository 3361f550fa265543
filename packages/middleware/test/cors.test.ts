import { cors, type CorsOptions } from "@infra/middleware/cors";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: CorsOptions) {
  const app = fastify();
  app.register(cors, options);
  app.after(() => {
    app.get("/", () => "ok");
  });
  return app;
}

async function allowed(options: CorsOptions, origin: string) {
  const { headers } = await createApp(options).inject({ url: "/", headers: { origin } });
  return headers["access-control-allow-origin"];
}

describe("cors", () => {
  it("lets the origins in that are named, and no other", async () => {
    const options = { origins: ["https://app.test", /https:\/\/\w+\.example\.com/] };

    expect(await allowed(options, "https://app.test")).toBe("https://app.test");
    expect(await allowed(options, "https://a.example.com")).toBe("https://a.example.com");
    for (const origin of [
      "https://evil.test",
      "http://app.test",
      "https://app.test.evil.test",
      "https://a.example.com.evil.test",
      "null",
    ]) {
      expect(await allowed(options, origin)).toBeUndefined();
    }
  });

  it("says that the answer varies, also to an origin that is not let in", async () => {
    const app = createApp({ origins: ["https://app.test"] });

    for (const origin of ["https://app.test", "https://evil.test"]) {
      const { headers } = await app.inject({ url: "/", headers: { origin } });
      expect(headers["vary"]).toContain("Origin");
    }
  });

  it("answers a preflight", async () => {
    const app = createApp({ origins: ["https://app.test"], credentials: true, maxAge: "1h" });
    const { statusCode, headers } = await app.inject({
      method: "OPTIONS",
      url: "/",
      headers: { origin: "https://app.test", "access-control-request-method": "PUT" },
    });

    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-credentials": "true",
      "access-control-max-age": "3600",
    });
  });

  it("Trap: refuses all origins with credentials, and what is no origin", async () => {
    expect(await allowed({ origins: "*" }, "https://anyone.test")).toBe("*");
    await expect(createApp({ origins: "*", credentials: true }).ready()).rejects.toThrow(
      'cors: origins "*" can\'t go with credentials',
    );
    for (const origin of ["*", "app.test", "https://app.test/", "https://app.test/path"]) {
      await expect(createApp({ origins: [origin] }).ready()).rejects.toThrow("an origin is");
    }
    await expect(createApp({ origins: true as never }).ready()).rejects.toThrow(
      "origins must be a list",
    );
  });
});
