import { csrf, HmacCsrfTokens, type CsrfOptions } from "@infra/middleware/csrf";
import { errorHandler } from "@infra/middleware/error-handler";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const secret = "s".repeat(32);

function createApp(options: Partial<CsrfOptions> = {}) {
  const app = fastify();
  app.register(errorHandler);
  app.addHook("onRequest", (request, _reply, next) => {
    // what the plugin authentication would say
    const scheme = request.headers.authorization ? "bearer" : undefined;
    Object.assign(request, { credentialScheme: scheme });
    next();
  });
  app.register(csrf, { secret, ...options });
  app.after(() => {
    app.get("/form", (request) => request.csrfToken());
    app.post("/form", () => "done");
    app.post("/hook", { config: { csrf: false } }, () => "done");
  });
  return app;
}

async function getForm(app: ReturnType<typeof createApp>, session = "session=one") {
  const response = await app.inject({ url: "/form", headers: { cookie: session } });
  const cookie = String(response.headers["set-cookie"]).split(";")[0]!;
  return { token: response.body, cookie: `${cookie}; ${session}`, response };
}

const post = async (
  app: ReturnType<typeof createApp>,
  headers: Record<string, string>,
  payload?: object,
  url = "/form",
) => app.inject({ method: "POST", url, headers, ...(payload && { payload }) });

describe("csrf", () => {
  it("takes a token from a header or a field, with its cookie", async () => {
    const app = createApp();
    const { token, cookie, response } = await getForm(app);

    expect(response.headers["set-cookie"]).toMatch(
      /^__Host-csrf=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect((await post(app, { cookie, "x-csrf-token": token })).statusCode).toBe(200);
    expect((await post(app, { cookie }, { _csrf: token })).statusCode).toBe(200);
  });

  it("sessionCookie names what a token is bound to", async () => {
    const app = createApp({ sessionCookie: "__Host-session" });
    const { token, cookie } = await getForm(app, "__Host-session=one");
    const other = cookie.replace("=one", "=two");

    expect((await post(app, { cookie, "x-csrf-token": token })).statusCode).toBe(200);
    expect((await post(app, { cookie: other, "x-csrf-token": token })).statusCode).toBe(403);
  });

  it("refuses without a token, without its cookie, with another's, with another session", async () => {
    const app = createApp();
    const { token, cookie } = await getForm(app);
    const other = await getForm(app);
    const refused = await post(app, { cookie });

    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: "ERR_MIDDLEWARE_CSRF" });
    for (const headers of [
      { "x-csrf-token": token, cookie: "session=one" },
      { "x-csrf-token": token, cookie: other.cookie },
      { "x-csrf-token": token, cookie: cookie.replace("session=one", "session=two") },
      { "x-csrf-token": `${token}x`, cookie },
      { "x-csrf-token": "x", cookie },
    ]) {
      expect((await post(app, headers)).statusCode).toBe(403);
    }
  });

  it("gives a new token each time, and one cookie", async () => {
    const app = createApp();
    const { token, cookie } = await getForm(app);
    const again = await app.inject({ url: "/form", headers: { cookie } });

    expect(again.body).not.toBe(token);
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  it.each([
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "same-origin" }, 200],
    [{ origin: "https://evil.test" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "http://localhost:80" }, 200],
    [{ origin: "https://app.test", "sec-fetch-site": "cross-site" }, 200],
  ])("goes by what browsers say: %j is %i", async (headers, status) => {
    const app = createApp({ origins: ["https://app.test"] });
    const { token, cookie } = await getForm(app);
    const response = await post(app, {
      host: "localhost",
      cookie,
      "x-csrf-token": token,
      ...(headers as unknown as Record<string, string>),
    });

    expect(response.statusCode).toBe(status);
  });

  it("leaves alone what no browser sends by itself, and the routes that say so", async () => {
    const app = createApp();

    expect((await post(app, { authorization: "Bearer x" })).statusCode).toBe(200);
    expect((await post(app, {}, undefined, "/hook")).statusCode).toBe(200);
  });

  it("takes tokens of another make", async () => {
    const app = createApp({
      tokens: { create: (binding) => `t-${binding}`, verify: (token, b) => token === `t-${b}` },
    });
    const { token, cookie } = await getForm(app);

    expect((await post(app, { cookie, "x-csrf-token": token })).statusCode).toBe(200);
  });

  it("wants a secret that is one, and a cookie name that goes with it", async () => {
    await expect(createApp({ secret: "short" }).ready()).rejects.toThrow(
      "csrf: secret must have at least 32 bytes, got 5",
    );
    await expect(createApp({ secret: undefined as never }).ready()).rejects.toThrow("got 0");
    await expect(createApp({ secure: false }).ready()).rejects.toThrow("__Host-csrf");
    const plain = createApp({ secure: false, cookie: "csrf" });
    expect((await getForm(plain)).response.headers["set-cookie"]).not.toContain("Secure");
  });

  it("HmacCsrfTokens verifies what it made for the same, and nothing else", () => {
    const tokens = new HmacCsrfTokens(Buffer.alloc(32, 1));
    const token = tokens.create("a");

    expect(tokens.verify(token, "a")).toBe(true);
    expect(tokens.verify(token, "b")).toBe(false);
    expect(new HmacCsrfTokens(Buffer.alloc(32, 2)).verify(token, "a")).toBe(false);
    for (const wrong of ["", ".", "a.b", `${token}.x`, token.slice(0, -2)]) {
      expect(tokens.verify(wrong, "a")).toBe(false);
    }
  });
});
