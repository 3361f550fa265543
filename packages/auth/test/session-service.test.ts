import { describe, expect, it } from "@jest/globals";

import { MemorySessionStore } from "../src/drivers/memory.js";
import { serialiseCookie, SessionService } from "../src/index.js";
import { codeOf, createAuth } from "./create-auth.js";

const minute = 60_000;
const hour = 60 * minute;

async function loggedIn() {
  const made = createAuth();
  const { id } = await made.createAda();
  return { ...made, id };
}

describe("SessionService", () => {
  it("start() gives a cookie, and the store only its hash", async () => {
    const { auth, login, stores, id } = await loggedIn();
    const { token, cookie, session } = await auth.sessions.start(await login(), {
      client: { userAgent: "x".repeat(1000), address: "192.0.2.1" },
    });
    expect(serialiseCookie(cookie)).toBe(
      `__Host-session=${token}; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(JSON.stringify(await stores.sessions.listByUser(id))).not.toContain(token);
    expect(session).toMatchObject({ userId: id, methods: ["password"], remember: false });
    expect(session.userAgent).toHaveLength(256);
    expect(await auth.sessions.get(token)).toEqual(session);
  });

  it("Trap: the session id changes at the login, and what came before is over", async () => {
    const { auth, login } = await loggedIn();
    const visitor = await auth.sessions.start(undefined, { values: { basket: [1] } });
    const { token, session } = await auth.sessions.start(await login(), {
      previous: visitor.token,
    });
    expect(token).not.toBe(visitor.token);
    expect(session.values).toEqual({ basket: [1] });
    expect(await auth.sessions.get(visitor.token)).toBeUndefined();
    // one that somebody made up and planted is not taken over either
    const planted = "A".repeat(43);
    expect((await auth.sessions.start(await login(), { previous: planted })).token).not.toBe(
      planted,
    );
    expect(await auth.sessions.get(planted)).toBeUndefined();
  });

  it("leaves what another user had in the session with that user", async () => {
    const { auth, login } = await loggedIn();
    const { id } = await auth.accounts.create({ email: "bob@example.org" });
    const bob = { account: (await auth.accounts.get(id))!, methods: [], authenticatedAt: 0 };
    const before = await auth.sessions.start(bob, { values: { secret: 1 } });
    const after = await auth.sessions.start(await login(), { previous: before.token });
    expect(after.session.values).toEqual({});
    expect(await auth.sessions.get(before.token)).toBeUndefined();
  });

  it("ends after its idle time, and at last after its absolute time", async () => {
    const { auth, login, clock } = await loggedIn();
    const { token } = await auth.sessions.start(await login());
    for (let at = 0; at < 12; at += 1) {
      await clock.advance(2 * hour - 1);
      expect(await auth.sessions.get(token)).toBeDefined();
    }
    await clock.advance(12);
    expect(await auth.sessions.get(token)).toBeUndefined();
    const idle = await auth.sessions.start(await login());
    await clock.advance(2 * hour);
    expect(await auth.sessions.get(idle.token)).toBeUndefined();
  });

  it("remember makes it last, and the cookie outlive the browser", async () => {
    const { auth, login, clock } = await loggedIn();
    const { token, cookie } = await auth.sessions.start(await login(), { remember: true });
    expect(cookie.attributes.maxAge).toBe(90 * 86_400);
    await clock.advance(13 * 24 * hour);
    expect(await auth.sessions.get(token)).toBeDefined();
    await clock.advance(14 * 24 * hour);
    expect(await auth.sessions.get(token)).toBeUndefined();
  });

  it("writes the time of the last use at most once a minute", async () => {
    const { auth, login, stores, clock } = await loggedIn();
    const { token } = await auth.sessions.start(await login());
    let touched = 0;
    const touch = stores.sessions.touch.bind(stores.sessions);
    stores.sessions.touch = async (...args) => {
      touched += 1;
      await touch(...args);
    };
    for (let at = 0; at < 100; at += 1) await auth.sessions.get(token);
    expect(touched).toBe(0);
    await clock.advance(minute);
    for (let at = 0; at < 100; at += 1) await auth.sessions.get(token);
    expect(touched).toBe(1);
  });

  it("lists a user's sessions, and ends one, the others, or all; never another's", async () => {
    const { auth, login, id } = await loggedIn();
    const [a, b, c] = [
      await auth.sessions.start(await login()),
      await auth.sessions.start(await login()),
      await auth.sessions.start(await login()),
    ];
    expect(await auth.sessions.list(id)).toHaveLength(3);
    expect(await auth.sessions.revoke("somebody else", a.session.id)).toBe(false);
    expect(await auth.sessions.revoke(id, a.session.id)).toBe(true);
    expect(await auth.sessions.revoke(id, a.session.id)).toBe(false);
    expect(await auth.sessions.get(a.token)).toBeUndefined();
    expect(await auth.sessions.revokeAll(id, { exceptId: b.session.id })).toBe(1);
    expect(await auth.sessions.get(c.token)).toBeUndefined();
    expect(await auth.sessions.get(b.token)).toBeDefined();
    expect(await auth.sessions.revokeAll(id)).toBe(1);
  });

  it("end() ends it and makes the browser forget; idempotent", async () => {
    const { auth, login, types } = await loggedIn();
    const { token } = await auth.sessions.start(await login());
    expect((await auth.sessions.end(token)).attributes.maxAge).toBe(0);
    expect(await auth.sessions.get(token)).toBeUndefined();
    await auth.sessions.end(token);
    await auth.sessions.end("no token");
    expect(types().filter((type) => type === "logout")).toHaveLength(1);
  });

  it("update() keeps plain values, up to 16 kB", async () => {
    const { auth, login } = await loggedIn();
    const { token } = await auth.sessions.start(await login());
    await auth.sessions.update(token, { step: 1 });
    expect((await auth.sessions.update(token, { more: 2 }))?.values).toEqual({ step: 1, more: 2 });
    expect(await codeOf(auth.sessions.update(token, { blob: "x".repeat(17_000) }))).toBe(
      "ERR_AUTH_SESSION_TOO_LARGE",
    );
    expect(await auth.sessions.update("A".repeat(43), {})).toBeUndefined();
  });

  it("Trap: update() does not bring back a session that is revoked meanwhile", async () => {
    const { auth, login, stores, id } = await loggedIn();
    const { token, session } = await auth.sessions.start(await login());
    const get = stores.sessions.get.bind(stores.sessions);
    stores.sessions.get = async (each) => {
      const found = await get(each);
      await stores.sessions.delete(session.id);
      return found;
    };
    await auth.sessions.update(token, { step: 1 });
    stores.sessions.get = get;
    expect(await auth.sessions.get(token)).toBeUndefined();
    expect(await auth.sessions.list(id)).toEqual([]);
  });

  it("refuses a cookie's name that asks for TLS when that is off", () => {
    const store = new MemorySessionStore();
    expect(() => new SessionService({ secure: false }, { store })).toThrow("__Host-session");
    expect(new SessionService({ secure: false, cookie: "s" }, { store }).cookieName).toBe("s");
  });
});
