import type { Signer } from "@infra/interfaces";
import { silentLogger } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";
import { fastify, type FastifyPluginAsync } from "fastify";

const signer: Signer = { sign: (value) => value, verify: (value) => value };
const authenticator = { authenticate: async () => ({ id: "ada", roles: [] }) };

/** Every plugin, with the least that it needs. */
const plugins: Readonly<Record<string, readonly [exported: string, options: object]>> = {
  "access-log": ["accessLog", { logger: silentLogger }],
  audit: ["audit", { sink: () => undefined }],
  authentication: ["authentication", { authenticator }],
  authorization: ["authorization", { authorizer: { decide: async () => ({ allowed: true }) } }],
  compression: ["compression", {}],
  concurrency: ["concurrency", { limit: 1 }],
  cookies: ["cookies", { signer }],
  cors: ["cors", { origins: ["https://app.test"] }],
  csrf: ["csrf", { secret: "s".repeat(32) }],
  "error-handler": ["errorHandler", {}],
  etag: ["etag", {}],
  idempotency: ["idempotency", {}],
  "ip-filter": ["ipFilter", { allow: ["127.0.0.1"] }],
  limits: ["limits", {}],
  maintenance: ["maintenance", { enabled: false }],
  "rate-limit": ["rateLimit", { limit: 1 }],
  "request-id": ["requestId", {}],
  "response-cache": ["responseCache", {}],
  "security-headers": ["securityHeaders", {}],
  tenant: ["tenant", { from: () => "acme" }],
  timeouts: ["timeouts", {}],
  validation: ["validation", {}],
};

describe("every plugin", () => {
  it.each(Object.entries(plugins))(
    "%s works alone on a plain Fastify application",
    async (name, [exported, options]) => {
      const module = (await import(`@infra/middleware/${name}`)) as Record<
        string,
        FastifyPluginAsync<object>
      >;
      const app = fastify();
      await app.register(module[exported]!, options);
      app.get("/", () => "ok");
      app.register(async (scope) => void scope.get("/scope", () => "ok"));
      const headers = { authorization: "Bearer x" };

      expect((await app.inject({ url: "/", headers })).body).toBe("ok");
      const below = await app.inject({ url: "/scope", headers });
      expect(below.statusCode).toBe(name === "rate-limit" ? 429 : 200);
      await app.close();
    },
  );

  it("is in the list above", async () => {
    const { default: manifest } = await import("../package.json", { with: { type: "json" } });
    const others = [
      "drivers/memory",
      "drivers/postgres",
      "drivers/redis",
      "errors",
      "express",
      "fastify-logger",
      "order",
    ];
    const names = Object.keys(manifest.exports)
      .filter((path) => path !== "." && path !== "./package.json")
      .map((path) => path.slice(2));

    expect(names.toSorted()).toEqual([...Object.keys(plugins), ...others].toSorted());
  });
});
