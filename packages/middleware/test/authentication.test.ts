import type { Authenticator, Credential, Principal } from "@infra/interfaces";
import { authentication, type AuthenticationOptions } from "@infra/middleware/authentication";
import { errorHandler } from "@infra/middleware/error-handler";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const ada: Principal = { id: "ada", roles: ["admin"] };
const seen: Credential[] = [];
const authenticator: Authenticator = {
  async authenticate(credential) {
    seen.push(credential);
    if (credential.value === "broken") throw new Error("select * from sessions");
    return credential.value === "good" ? ada : undefined;
  },
};

function createApp(options: Partial<AuthenticationOptions> = {}) {
  const app = fastify();
  app.register(errorHandler);
  app.register(authentication, { authenticator, ...options });
  app.register(async (scope) => {
    scope.get("/", ({ principal, credentialScheme }) => ({ id: principal?.id, credentialScheme }));
    scope.get("/open", { config: { authentication: "none" } }, ({ principal }) => ({
      id: principal?.id,
    }));
    scope.get("/maybe", { config: { authentication: "optional" } }, ({ principal }) => ({
      id: principal?.id,
    }));
  });
  return app;
}

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

describe("authentication", () => {
  it.each([
    ["bearer", bearer("good")],
    ["api-key", { "x-api-key": "good" }],
    ["session", { cookie: "theme=dark; session=good" }],
  ])("knows who shows a %s", async (scheme, headers) => {
    const response = await createApp().inject({ url: "/", headers });

    expect(response.json()).toEqual({ id: "ada", credentialScheme: scheme });
    expect(response.headers["vary"]).toBe(scheme === "session" ? "cookie" : "authorization");
  });

  it("makes the signal of a request when the authenticator asks for it, and not before", async () => {
    const { signal } = new AbortController();
    let asked = 0;
    const app = fastify();
    app.decorateRequest("context", {
      getter: () => ({
        get signal() {
          asked += 1;
          return signal;
        },
      }),
    });
    const given: unknown[] = [];
    app.register(authentication, {
      authenticator: {
        async authenticate({ value }, options = {}) {
          if (value === "curious") given.push(options.signal, { ...options }.signal);
          return ada;
        },
      },
    });
    app.register(async (scope) => void scope.get("/", () => ""));

    expect((await app.inject({ url: "/", headers: bearer("good") })).statusCode).toBe(200);
    expect(asked).toBe(0);
    await app.inject({ url: "/", headers: bearer("curious") });
    expect(given).toEqual([signal, signal]);
  });

  it("denies by default: a route that says nothing is closed", async () => {
    const response = await createApp().inject("/");

    expect(response.statusCode).toBe(401);
    expect(response.headers["www-authenticate"]).toBe("Bearer");
    expect(response.json()).toMatchObject({ code: "ERR_UNAUTHENTICATED" });
    expect((await createApp({ mode: "optional" }).inject("/")).statusCode).toBe(200);
  });

  it.each([
    ["bearer", bearer("bad")],
    ["api-key", { "x-api-key": "bad" }],
    ["session", { cookie: "session=bad" }],
    ["bearer that is none", { authorization: "Bearer a b" }],
    ["two sessions", { cookie: "session=good; session=bad" }],
  ])("answers a %s that is not valid with 401", async (_title, headers) => {
    expect((await createApp().inject({ url: "/", headers })).statusCode).toBe(401);
  });

  it("lets nobody in on an optional route, and nobody with a session that is over, but no bad token", async () => {
    const app = createApp();
    const get = async (headers: Record<string, string>) =>
      (await app.inject({ url: "/maybe", headers })).statusCode;

    expect(await get({})).toBe(200);
    expect(await get({ cookie: "session=over" })).toBe(200);
    expect(await get(bearer("bad"))).toBe(401);
    expect(await get({ "x-api-key": "bad" })).toBe(401);
  });

  it("does not even look on an open route", async () => {
    seen.length = 0;
    const response = await createApp().inject({ url: "/open", headers: bearer("bad") });

    expect(response.statusCode).toBe(200);
    expect(seen).toEqual([]);
  });

  it("Trap: an authenticator that fails is a 503, never a 401, and tells nothing", async () => {
    const response = await createApp().inject({ url: "/", headers: bearer("broken") });

    expect(response.statusCode).toBe(503);
    expect(response.body).not.toContain("select");
  });

  it("leaves what no route has to the 404", async () => {
    expect((await createApp().inject("/nowhere")).statusCode).toBe(404);
  });

  it("goes by the schemes, the header and the cookie of its options", async () => {
    const app = createApp({ schemes: ["session"], sessionCookie: () => "good" });
    expect((await app.inject({ url: "/", headers: bearer("bad") })).statusCode).toBe(200);
    const keys = createApp({ apiKeyHeader: "X-Token" });
    expect((await keys.inject({ url: "/", headers: { "x-token": "good" } })).statusCode).toBe(200);
  });

  it("refuses options that are none", async () => {
    await expect(createApp({ authenticator: {} as never }).ready()).rejects.toThrow(
      "authentication: authenticator must be an Authenticator",
    );
    await expect(createApp({ mode: "maybe" as never }).ready()).rejects.toThrow("mode must be");
    await expect(createApp({ schemes: ["basic" as never] }).ready()).rejects.toThrow("schemes");
  });
});
