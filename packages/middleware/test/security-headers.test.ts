import { errorHandler } from "@infra/middleware/error-handler";
import { securityHeaders, securityHeadersOf } from "@infra/middleware/security-headers";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

describe("securityHeaders", () => {
  it("stand on 200, 404, 413 and 500", async () => {
    const app = fastify({ bodyLimit: 10 });
    app.register(securityHeaders).register(errorHandler);
    app.get("/", () => "ok");
    app.post("/", () => "ok");
    app.get("/500", () => {
      throw new Error("broken");
    });

    const answers = [
      await app.inject("/"),
      await app.inject("/nowhere"),
      await app.inject({ method: "POST", url: "/", payload: { long: "x".repeat(20) } }),
      await app.inject("/500"),
    ];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 404, 413, 500]);
    for (const { headers } of answers) expect(headers).toMatchObject(securityHeadersOf());
  });

  it("are those that browsers go by", () => {
    expect(securityHeadersOf()).toEqual({
      "content-security-policy":
        "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });

  it("go by the options, and by what a handler sets", async () => {
    const app = fastify();
    app.register(securityHeaders, {
      frameOptions: false,
      permissionsPolicy: "camera=()",
      referrerPolicy: "origin",
    });
    app.get("/", (_request, reply) => reply.header("referrer-policy", "same-origin").send("ok"));

    const { headers } = await app.inject("/");

    expect(headers["x-frame-options"]).toBeUndefined();
    expect(headers["permissions-policy"]).toBe("camera=()");
    expect(headers["referrer-policy"]).toBe("same-origin");
  });

  it("refuse a value that would split the header", () => {
    expect(() => securityHeadersOf({ referrerPolicy: "a\r\nset-cookie: b" })).toThrow(
      /Invalid character/,
    );
  });

  it("puts a new nonce into the policy for every request, where it says so", async () => {
    const app = fastify();
    app.register(securityHeaders, { contentSecurityPolicy: "script-src 'self' {nonce}" });
    app.get("/", ({ cspNonce }) => cspNonce);
    const first = await app.inject("/");
    const second = await app.inject("/");

    expect(first.body).toMatch(/^[A-Za-z0-9+/]{22}==$/);
    expect(first.headers["content-security-policy"]).toBe(
      `script-src 'self' 'nonce-${first.body}'`,
    );
    expect(second.body).not.toBe(first.body);
  });
});
