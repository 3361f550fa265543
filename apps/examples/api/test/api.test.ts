import { systemClock } from "@infra/interfaces";
import { Totp } from "@infra/security";
import { testDatabases } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";

import { Client, read } from "./client.js";
import { password, startApi } from "./start-api.js";

/** The code that an app shows, or will show after so many steps. */
function codeOf(secret: string, later = 0): string {
  const clock = { ...systemClock, now: () => Date.now() + later * 30_000 };
  return new Totp({ issuer: "Notes" }, { clock }).code(secret);
}

for (const engine of await testDatabases(process.env)) {
  const runs = engine.missing === undefined ? describe : describe.skip;
  runs(`the API on ${engine.title}`, () => {
    let api: Awaited<ReturnType<typeof startApi>>;
    beforeAll(async () => {
      api = await startApi(await engine.url());
    }, 60_000);
    afterAll(async () => {
      await api?.stop();
      await engine.close();
    }, 60_000);

    const loggedIn = async (email: string): Promise<Client> => {
      const client = api.client();
      expect((await client.post("/login", { email, password })).status).toBe(200);
      return await client.withCsrf();
    };

    it("registers, verifies the address, and logs in with a second factor", async () => {
      const email = "ada@example.org";
      const ada = api.client();
      expect(await ada.post("/register", { email, password, name: "Ada" })).toMatchObject({
        status: 202,
      });
      expect(await ada.post("/login", { email, password })).toMatchObject({
        status: 403,
        body: { code: "ERR_AUTH_EMAIL_UNVERIFIED" },
      });
      const token = await api.mailed(email);
      expect(await ada.post("/verify-email", { token })).toMatchObject({
        status: 200,
        body: { email, emailVerified: true, data: { name: "Ada" } },
      });
      expect((await ada.get("/me")).status).toBe(401);
      expect((await ada.post("/login", { email, password })).status).toBe(200);
      expect((await ada.get("/me")).body).toMatchObject({ email, twoFactor: false });

      await ada.withCsrf();
      const { secret, uri } = (await ada.post("/two-factor")).body;
      expect(uri).toMatch(/^otpauth:\/\/totp\/Notes:ada/);
      const confirmed = await ada.post("/two-factor/confirm", { code: codeOf(secret) });
      expect(confirmed.body.recoveryCodes).toHaveLength(10);

      const again = api.client();
      const { challenge } = (await again.post("/login", { email, password })).body;
      expect(await again.cookie("__Host-session")).toBeUndefined();
      const wrong = await again.post("/login/second-factor", { challenge, code: "000000" });
      expect(wrong).toMatchObject({ status: 401, body: { code: "ERR_AUTH_INVALID_CODE" } });
      const right = { challenge, code: codeOf(secret, 1) };
      expect((await again.post("/login/second-factor", right)).status).toBe(200);
      expect((await again.get("/me")).body).toMatchObject({ email, twoFactor: true });
      const [code] = confirmed.body.recoveryCodes;
      const third = api.client();
      const next = (await third.post("/login", { email, password })).body.challenge;
      expect((await third.post("/login/second-factor", { challenge: next, code })).status).toBe(
        200,
      );
    });

    it("answers a registration alike, whether the address is taken or not", async () => {
      await api.create("taken@example.org");
      const answers = await Promise.all(
        ["taken@example.org", "free@example.org"].map((email) =>
          api.client().post("/register", { email, password, name: "x" }),
        ),
      );
      expect(answers[0]!.status).toBe(answers[1]!.status);
      expect(answers[0]!.body).toEqual(answers[1]!.body);
    });

    it("Trap: the session id changes at the login, and the cookie is for us alone", async () => {
      await api.create("cookie@example.org");
      const client = api.client();
      const login = () => client.json("POST", "/login", { email: "cookie@example.org", password });
      const response = await login();
      expect(response.headers.getSetCookie()[0]).toMatch(
        /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
      const first = await client.cookie("__Host-session");
      await login();
      const second = await client.cookie("__Host-session");
      expect(second).not.toBe(first);
      const old = await fetch(`${api.url}/me`, { headers: { cookie: `__Host-session=${first}` } });
      expect(old.status).toBe(401);
    });

    it("logs in by tokens, refreshes, and kills the family of one that is used again", async () => {
      const { id } = await api.create("tokens@example.org");
      const client = api.client();
      const credentials = { email: "tokens@example.org", password, as: "tokens" };
      const pair = (await client.post("/login", credentials)).body;
      const me = async (accessToken: string): Promise<number> => {
        const headers = { authorization: `Bearer ${accessToken}` };
        return (await fetch(`${api.url}/me`, { headers })).status;
      };
      expect(await me(pair.accessToken)).toBe(200);
      const refresh = (refreshToken: string) => client.post("/refresh", { refreshToken });
      const next = (await refresh(pair.refreshToken)).body;
      const third = (await refresh(next.refreshToken)).body;
      expect(await me(third.accessToken)).toBe(200);
      expect(await refresh(pair.refreshToken)).toMatchObject({
        status: 401,
        body: { code: "ERR_AUTH_REFRESH_TOKEN" },
      });
      expect((await refresh(third.refreshToken)).status).toBe(401);
      expect(await me(third.accessToken)).toBe(401);
      expect(await api.auth.tokens.list(id)).toEqual([]);
    });

    it("lists the sessions, and revokes one, and the others", async () => {
      const email = "sessions@example.org";
      await api.create(email);
      const [a, b, c] = [await loggedIn(email), await loggedIn(email), await loggedIn(email)];
      const { body } = await a.get("/sessions");
      expect(body).toHaveLength(3);
      expect(body.filter((each: { current: boolean }) => each.current)).toHaveLength(1);
      const { id } = (await b.get("/sessions")).body.find(
        (each: { current: boolean }) => each.current,
      );
      expect((await a.json("DELETE", `/sessions/${id}`)).status).toBe(204);
      expect((await a.json("DELETE", `/sessions/${id}`)).status).toBe(404);
      expect((await b.get("/me")).status).toBe(401);
      expect((await a.json("DELETE", "/sessions")).body).toEqual({ revoked: 1 });
      expect((await c.get("/me")).status).toBe(401);
      expect((await a.get("/me")).status).toBe(200);
      const stranger = await loggedIn((await api.create("stranger@example.org")).email);
      const mine = (await a.get("/sessions")).body[0].id;
      expect((await stranger.json("DELETE", `/sessions/${mine}`)).status).toBe(404);
      expect((await a.post("/logout")).status).toBe(204);
      expect(await a.cookie("__Host-session")).toBeUndefined();
    });

    it("changes and resets a password, and all other logins end", async () => {
      const email = "change@example.org";
      await api.create(email);
      const [here, there] = [await loggedIn(email), await loggedIn(email)];
      const change = (currentPassword: string, newPassword: string) =>
        here.post("/password", { currentPassword, newPassword });
      expect((await change("wrong", "seven new bicycles")).status).toBe(401);
      expect(await change(password, "notes notes")).toMatchObject({
        status: 400,
        body: { code: "ERR_SECURITY_PASSWORD_REFUSED" },
      });
      expect((await change(password, "seven new bicycles")).status).toBe(200);
      expect((await here.get("/me")).status).toBe(200);
      expect((await there.get("/me")).status).toBe(401);
      await api.mailer.take(email);
      expect((await api.client().post("/password/forgotten", { email })).status).toBe(202);
      const token = await api.mailed(email);
      const reset = { token, password: "eight old bicycles" };
      expect((await api.client().post("/password/reset", reset)).status).toBe(200);
      expect((await here.get("/me")).status).toBe(401);
      const login = { email, password: reset.password };
      expect((await api.client().post("/login", login)).status).toBe(200);
    });

    it("has routes for administrators only, with rules that say why not", async () => {
      const user = await api.create("user@example.org");
      const admin = await api.create("admin@example.org", ["admin"]);
      const [asUser, asAdmin] = [await loggedIn(user.email), await loggedIn(admin.email)];
      expect((await api.client().get(`/admin/accounts/${user.id}`)).status).toBe(401);
      expect((await asUser.get(`/admin/accounts/${user.id}`)).status).toBe(403);
      expect((await asAdmin.get(`/admin/accounts/${user.id}`)).body).toMatchObject({ id: user.id });
      expect((await asAdmin.get("/admin/accounts/nobody")).status).toBe(404);
      expect(await asAdmin.post(`/admin/accounts/${admin.id}/disable`)).toMatchObject({
        status: 403,
        body: { detail: "it is an administrator" },
      });
      expect((await asAdmin.post(`/admin/accounts/${user.id}/disable`)).status).toBe(204);
      expect((await asUser.get("/me")).status).toBe(401);
    });

    it("takes API keys, for what they may", async () => {
      const email = "keys@example.org";
      await api.create(email);
      const client = await loggedIn(email);
      const make = async (abilities: string[]) =>
        (await client.post("/api-keys", { name: "CI", abilities })).body.key;
      const get = async (path: string, key: string): Promise<number> =>
        (await fetch(api.url + path, { headers: { "x-api-key": key } })).status;
      const [good, other] = [await make(["reports.*"]), await make(["notes.read"])];
      expect(await get("/reports", good)).toBe(200);
      expect(await get("/reports", other)).toBe(403);
      expect(await get("/reports", `${good}x`)).toBe(401);
      expect((await client.get("/reports")).status).toBe(200);
    });

    it("takes a form from its own pages only: CsrfGuard and the plugin csrf together", async () => {
      const email = "form@example.org";
      await api.create(email);
      const client = api.client();
      await client.post("/login", { email, password });
      const form = await read(await client.send("GET", "/name"));
      const token = /name="_csrf" value="([^"]+)"/.exec(form.body)![1]!;
      const post = async (fields: Record<string, string>, headers = {}) => {
        const before = client.headers;
        client.headers = { ...before, ...headers };
        const type = "application/x-www-form-urlencoded";
        const body = new URLSearchParams(fields).toString();
        const answer = await read(await client.send("POST", "/name", body, type));
        client.headers = before;
        return answer;
      };
      expect(await post({ name: "Eve" })).toMatchObject({
        status: 403,
        body: { code: "ERR_MIDDLEWARE_CSRF" },
      });
      const crossSite = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
      expect((await post({ name: "Eve", _csrf: token }, crossSite)).status).toBe(403);
      expect((await post({ name: "Eve", _csrf: `${token}x` })).status).toBe(403);
      expect(await post({ name: "Ada", _csrf: token })).toMatchObject({
        status: 200,
        body: { data: { name: "Ada" } },
      });
      // a token is for one session: after another login it is of no use
      await client.post("/login", { email, password });
      expect((await post({ name: "Eve", _csrf: token })).status).toBe(403);
    });

    it("takes a file up to its limit", async () => {
      const email = "file@example.org";
      await api.create(email);
      const client = await loggedIn(email);
      const upload = async (bytes: number, files = 1) => {
        const form = new FormData();
        for (let at = 0; at < files; at += 1) {
          form.set(`file${at}`, new Blob([new Uint8Array(bytes)]), "notes.bin");
        }
        return await read(await client.send("POST", "/files", form));
      };
      expect(await upload(50_000)).toMatchObject({
        status: 201,
        body: { name: "notes.bin", bytes: 50_000 },
      });
      expect((await upload(200_000)).status).toBe(413);
      expect((await client.post("/files", {})).status).toBeGreaterThanOrEqual(400);
    });

    it("streams what happens to an account", async () => {
      const email = "events@example.org";
      await api.create(email);
      const client = await loggedIn(email);
      const response = await client.send("GET", "/events");
      expect(response.headers.get("content-type")).toContain("text/event-stream");
      const reader = response.body!.getReader();
      const decoder = new TextDecoder();
      let text = "";
      const until = async (part: string): Promise<void> => {
        while (!text.includes(part)) {
          const { value, done } = await reader.read();
          if (done) throw new Error(`ended before ${part}:\n${text}`);
          text += decoder.decode(value, { stream: true });
        }
      };
      await until("event: ready");
      await loggedIn(email);
      await until("event: session-started");
      await reader.cancel();
    });

    it("Trap: a 429 logs nobody out", async () => {
      const email = "busy@example.org";
      await api.create(email);
      const client = await loggedIn(email);
      const credentials = { email, password, as: "tokens" };
      const pair = (await api.client().post("/login", credentials)).body;
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => client.post("/login", { email, password: "wrong" })),
      );
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(25);
      for (const { headers } of refused) {
        expect(headers.getSetCookie()).toEqual([]);
        expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      }
      expect((await client.get("/me")).status).toBe(200);
      const { refreshToken } = pair;
      expect((await client.post("/refresh", { refreshToken })).status).toBe(200);
    });

    it("answers probes without a login, and nothing else", async () => {
      expect((await api.client().get("/health/ready")).status).toBe(200);
      expect((await api.client().get("/.well-known/jwks.json")).body).toEqual({ keys: [] });
      for (const path of ["/me", "/sessions", "/csrf", "/reports", "/events"]) {
        expect([path, (await api.client().get(path)).status]).toEqual([path, 401]);
      }
    });

    it("describes itself in a document that is valid OpenAPI", async () => {
      expect((await api.client().get("/docs/json")).status).toBe(401);
      const { email } = await api.create("docs@example.org");
      const document = (await (await loggedIn(email)).get("/docs/json")).body;
      const { valid, errors } = await new Validator().validate(document);
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
      expect(Object.keys(document.paths)).toEqual(
        expect.arrayContaining(["/login", "/refresh", "/sessions/{id}", "/password"]),
      );
    });
  });
}
