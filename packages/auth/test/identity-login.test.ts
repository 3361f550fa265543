import { describe, expect, it } from "@jest/globals";

import { codeOf, createAuth, email, password } from "./create-auth.js";

const claims = {
  issuer: "https://id.example",
  subject: "42",
  email,
  emailVerified: true,
  name: "Ada",
};

describe("AuthService.loginWithIdentity()", () => {
  it("makes an account for who is new, and finds it again by the identity alone", async () => {
    const { auth, types } = createAuth();
    const first = await auth.loginWithIdentity(claims);
    expect(first).toMatchObject({
      status: "complete",
      login: { account: { email, emailVerified: true, data: { name: "Ada" } }, methods: ["oidc"] },
    });
    const { issuer, subject } = claims;
    const again = await auth.loginWithIdentity({ issuer, subject });
    expect(again).toMatchObject({ login: { account: { email } } });
    expect(types()).toContain("identity-linked");
    // it has no password
    expect(await codeOf(auth.login({ email, password: "" }))).toBe("ERR_AUTH_INVALID_CREDENTIALS");
  });

  it("takes the account that has verified the same address", async () => {
    const { auth, createAda } = createAuth();
    const { id } = await createAda();
    expect(await auth.loginWithIdentity(claims)).toMatchObject({ login: { account: { id } } });
  });

  it("Trap: takes no account whose address one of both sides has not verified", async () => {
    const { auth } = createAuth();
    await auth.accounts.create({ email, password });
    expect(await codeOf(auth.loginWithIdentity(claims))).toBe("ERR_AUTH_IDENTITY_TAKEN");
    for (const each of [
      { ...claims, email: "new@example.org", emailVerified: false },
      { ...claims, email: undefined },
    ]) {
      expect(await codeOf(auth.loginWithIdentity(each))).toBe("ERR_AUTH_IDENTITY_TAKEN");
    }
  });

  it("asks for the second factor of an account that has one, and lets no disabled one in", async () => {
    const { auth, createAda, codes, clock } = createAuth();
    const { id } = await createAda();
    const { secret } = (await auth.twoFactor.begin(id))!;
    await auth.twoFactor.confirm(id, codes.code(secret));
    await clock.advance(60_000);
    const result = await auth.loginWithIdentity(claims);
    if (result.status !== "second-factor") throw new Error(result.status);
    const { challenge } = result;
    const login = await auth.completeLogin({ challenge, code: codes.code(secret) });
    expect(login.methods).toEqual(["oidc", "totp"]);
    await auth.accounts.disable(id);
    expect(await codeOf(auth.loginWithIdentity(claims))).toBe("ERR_AUTH_ACCOUNT_DISABLED");
  });

  it("accounts.linkIdentity() is refused for an identity that is another's", async () => {
    const { auth, createAda } = createAuth();
    await auth.loginWithIdentity({ ...claims, email: "bob@example.org" });
    const { id } = await createAda();
    expect(await codeOf(auth.accounts.linkIdentity(id, claims))).toBe("ERR_AUTH_IDENTITY_TAKEN");
  });
});

describe("AuthService.reauthenticate()", () => {
  it("proves again who is logged in, by the password alone", async () => {
    const { auth, createAda, login, clock } = createAuth();
    const { id } = await createAda();
    const { token } = await auth.sessions.start(await login());
    await clock.advance(3_600_000);
    const { session } = await auth.sessions.start(await auth.reauthenticate(id, password), {
      previous: token,
    });
    expect(session.authenticatedAt).toBe(clock.now());
    expect(await codeOf(auth.reauthenticate(id, "wrong"))).toBe("ERR_AUTH_INVALID_CREDENTIALS");
    expect(await codeOf(auth.reauthenticate("nobody", "x"))).toBe("ERR_AUTH_INVALID_CREDENTIALS");
  });
});

describe("AuthService.authenticate()", () => {
  it("knows a session's owner, with the roles of now, and nobody without a login", async () => {
    const { auth, createAda, login } = createAuth();
    const { id } = await createAda();
    const { token, session } = await auth.sessions.start(await login());
    const visitor = await auth.sessions.start(undefined);
    const find = (value: string) => auth.authenticate({ scheme: "session", value });
    expect(await find(token)).toEqual({
      id,
      roles: ["user"],
      credentialId: session.id,
      authenticatedAt: session.authenticatedAt,
      expiresAt: session.expiresAt,
    });
    expect(await find(visitor.token)).toBeUndefined();
    expect(await find("no token")).toBeUndefined();
    await auth.accounts.setRoles(id, ["admin"]);
    expect((await find(token))?.roles).toEqual(["admin"]);
    await auth.accounts.delete(id);
    expect(await find(token)).toBeUndefined();
  });

  it("Trap: a store that fails is an error, not a wrong credential", async () => {
    const { auth, createAda, login, stores } = createAuth();
    await createAda();
    const { token } = await auth.sessions.start(await login());
    const busy = Object.assign(new Error("too many requests"), { code: "BUSY", status: 429 });
    stores.sessions.get = () => Promise.reject(busy);
    expect(await codeOf(auth.authenticate({ scheme: "session", value: token }))).toBe("BUSY");
  });

  it("start() opens the stores, health() never fails", async () => {
    const { auth, stores } = createAuth();
    let opened = 0;
    Object.assign(stores, { open: async () => void (opened += 1) });
    await auth.start();
    expect(opened).toBe(1);
    expect(await auth.health()).toEqual({ status: "up", details: { pendingMails: 0 } });
    await auth[Symbol.asyncDispose]();
  });
});
