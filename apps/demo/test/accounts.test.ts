import { Totp } from "@infra/security";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type {
  Album,
  LogInResult,
  RecoveryCodes,
  Session,
  TwoFactorSetup,
} from "../src/contract.js";
import { AlbumApp } from "./support/album-app.js";

const app = new AlbumApp();
beforeAll(() => app.start(), 60_000);
afterAll(() => app.close(), 60_000);

const password = "mole quartz fjord 7";

describe("accounts", () => {
  it("GET /api/me is nobody for who is not logged in; signing up logs in; the first account is the administrator", async () => {
    const ada = app.visitor();
    expect(await ada.me()).toMatchObject({
      account: null,
      limits: { maxBytes: expect.any(Number) },
    });
    const signedUp = await ada.post("/api/accounts", {
      email: "ada@example.org",
      password,
      name: "Ada",
    });
    expect([signedUp.status, signedUp.body]).toEqual([201, { status: "complete" }]);
    expect((await ada.me()).account).toEqual({
      id: expect.any(String),
      email: "ada@example.org",
      name: "Ada",
      admin: true,
      twoFactor: false,
    });
    const bob = await app.person("bob");
    expect((await bob.me()).account).toMatchObject({ name: "bob", admin: false });
  });

  it("an address that is taken is a 409, a weak password a 400, a wrong one a 401 that doesn't say which", async () => {
    const taken = { email: "ADA@example.org", password, name: "x" };
    expect(await app.visitor().post("/api/accounts", taken)).toMatchObject({
      status: 409,
      body: { code: "ERR_AUTH_EMAIL_TAKEN" },
    });
    const weak = { email: "weak@example.org", password: "password", name: "x" };
    expect((await app.visitor().post("/api/accounts", weak)).status).toBe(400);
    for (const email of ["ada@example.org", "nobody@example.org"]) {
      const answer = await app.visitor().post("/api/sessions", { email, password: "wrong" });
      expect(answer).toMatchObject({ status: 401, body: { code: "ERR_AUTH_INVALID_CREDENTIALS" } });
    }
  });

  it("sessions are listed, ended one by one, and end with the log-out", async () => {
    const [first, second] = [app.visitor(), app.visitor()];
    for (const each of [first, second]) {
      expect(
        (await each.post("/api/sessions", { email: "ada@example.org", password })).body,
      ).toEqual({
        status: "complete",
      });
    }
    const { body: sessions } = await first.get<Session[]>("/api/sessions");
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    // made last, and so the first in the list or the last: not the current one in any case
    const others = sessions.filter(({ current }) => !current);
    for (const { id } of others)
      expect((await first.delete(`/api/sessions/${id}`)).status).toBe(204);
    expect((await second.get("/api/albums")).status).toBe(401);
    expect((await first.delete("/api/sessions/nonsense")).status).toBe(404);
    expect((await first.delete("/api/sessions/current")).status).toBe(204);
    expect((await first.me()).account).toBeNull();
    expect((await first.get("/api/sessions")).status).toBe(401);
  });

  it("two-factor: a code is needed from then on, and each is good for once; a recovery code stands in", async () => {
    const cy = await app.person("cy");
    const { body: setup } = await cy.post<TwoFactorSetup>("/api/two-factor");
    expect(setup.uri).toMatch(/^otpauth:\/\/totp\//);
    const totp = new Totp({ issuer: "Infra Photos" });
    const code = totp.code(setup.secret);
    expect((await cy.post("/api/two-factor/confirm", { code: "000000" })).status).toBe(401);
    const { body: confirmed } = await cy.post<RecoveryCodes>("/api/two-factor/confirm", { code });
    expect((await cy.me()).account).toMatchObject({ twoFactor: true });

    const again = app.visitor();
    const { body } = await again.post<LogInResult>("/api/sessions", {
      email: cy.email,
      password: cy.password,
    });
    if (body.status !== "second-factor") throw new Error("no second factor was asked for");
    expect((await again.me()).account).toBeNull();
    // the code that confirmed it is used up
    const replay = await again.post("/api/sessions/code", { challenge: body.challenge, code });
    expect(replay.status).toBe(401);
    const [recovery] = confirmed.recoveryCodes;
    const passed = await again.post("/api/sessions/code", {
      challenge: body.challenge,
      code: recovery,
    });
    expect([passed.status, passed.body]).toEqual([200, { status: "complete" }]);
    expect((await again.me()).account).toMatchObject({ name: "cy" });
    expect((await again.delete("/api/two-factor", { code: recovery })).status).toBe(401);
    const second = confirmed.recoveryCodes[1];
    expect((await again.delete("/api/two-factor", { code: second })).status).toBe(204);
    expect((await again.me()).account).toMatchObject({ twoFactor: false });
  });

  it("CSRF: refused without the token, with another session's, and from another site", async () => {
    const [ada, bob] = [await app.person("csrf-a"), await app.person("csrf-b")];
    const [own, other] = [await ada.csrfToken(), await bob.csrfToken()];
    const send = (headers: Record<string, string>) =>
      ada.request("/api/albums", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ title: "forged" }),
      });
    for (const headers of [
      {},
      { "x-csrf-token": other },
      { "x-csrf-token": own, origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    ] as Record<string, string>[]) {
      expect(await send(headers)).toMatchObject({
        status: 403,
        body: { code: "ERR_MIDDLEWARE_CSRF" },
      });
    }
    expect((await ada.get<Album[]>("/api/albums")).body).toEqual([]);
    expect((await send({ "x-csrf-token": own })).status).toBe(201);
  });
});
