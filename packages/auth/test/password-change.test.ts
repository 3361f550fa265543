import { describe, expect, it } from "@jest/globals";

import { codeOf, createAuth, email, password } from "./create-auth.js";

const next = "seven new green bicycles";

describe("AuthService.changePassword()", () => {
  it("takes the password before, ends all other logins, and says so in a mail", async () => {
    const { auth, createAda, login, mailer, events } = createAuth();
    const { id } = await createAda();
    const kept = await auth.sessions.start(await login());
    const other = await auth.sessions.start(await login());
    const pair = await auth.tokens.start(await login());
    await auth.changePassword({
      accountId: id,
      currentPassword: password,
      newPassword: next,
      keep: kept.session.id,
    });
    expect(await auth.sessions.get(kept.token)).toBeDefined();
    expect(await auth.sessions.get(other.token)).toBeUndefined();
    expect(await codeOf(auth.tokens.refresh(pair.refreshToken))).toBe("ERR_AUTH_REFRESH_TOKEN");
    expect(await auth.authenticate({ scheme: "bearer", value: pair.accessToken })).toBeUndefined();
    expect((await mailer.take(email)).subject).toBe("Your password was changed");
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_INVALID_CREDENTIALS");
    expect((await auth.login({ email, password: next })).status).toBe("complete");
    expect(events).toContainEqual(expect.objectContaining({ type: "password-changed" }));
  });

  it("refuses a wrong password, counted like that of a login, and a new one against the rules", async () => {
    const { auth, createAda, passwords } = createAuth();
    const { id } = await createAda();
    const change = (currentPassword: string, newPassword: string) =>
      codeOf(auth.changePassword({ accountId: id, currentPassword, newPassword }));
    expect(await change(password, "short")).toBe("ERR_AUTH_INVALID_INPUT");
    passwords.verified = 0;
    const codes = await Promise.all(Array.from({ length: 30 }, () => change("wrong", next)));
    expect(new Set(codes)).toEqual(
      new Set(["ERR_AUTH_INVALID_CREDENTIALS", "ERR_AUTH_LOCKED_OUT"]),
    );
    expect(passwords.verified).toBe(5);
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_LOCKED_OUT");
  });

  it("of two changes at once by one password, one happens", async () => {
    const { auth, createAda } = createAuth();
    const { id } = await createAda();
    const codes = await Promise.all(
      [`${next} 1`, `${next} 2`].map((newPassword) =>
        codeOf(auth.changePassword({ accountId: id, currentPassword: password, newPassword })),
      ),
    );
    expect(new Set(codes)).toEqual(new Set(["ERR_AUTH_INVALID_CREDENTIALS", undefined]));
  });
});

describe("AuthService.resetPassword()", () => {
  it("takes the token of the mail once, ends all logins, and gives the attempts back", async () => {
    const { auth, createAda, login, mailed, mailer, clock } = createAuth();
    await createAda();
    const { token: session } = await auth.sessions.start(await login());
    for (let at = 0; at < 6; at += 1) await codeOf(auth.login({ email, password: "wrong" }));
    await auth.requestPasswordReset(email);
    const token = await mailed();
    expect(await codeOf(auth.resetPassword(token, "short"))).toBe("ERR_AUTH_INVALID_INPUT");
    expect(await auth.resetPassword(token, next)).toMatchObject({ email });
    expect(await codeOf(auth.resetPassword(token, next))).toBe("ERR_AUTH_INVALID_TICKET");
    expect(await auth.sessions.get(session)).toBeUndefined();
    expect((await mailer.take(email)).subject).toBe("Your password was changed");
    expect((await auth.login({ email, password: next })).status).toBe("complete");
    expect(clock.now()).toBeGreaterThan(0);
  });

  it("Trap: of many resets with one token at once, one happens", async () => {
    const { auth, createAda, mailed } = createAuth();
    await createAda();
    await auth.requestPasswordReset(email);
    const token = await mailed();
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, at) => codeOf(auth.resetPassword(token, `${next} ${at}`))),
    );
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    const logins = await Promise.all(
      codes.map(async (code, at) => {
        if (code !== undefined) return undefined;
        return (await auth.login({ email, password: `${next} ${at}` })).status;
      }),
    );
    expect(logins).toContain("complete");
  });

  it("the token ends with its time, and with a change of the password", async () => {
    const { auth, createAda, mailed } = createAuth();
    const { id } = await createAda();
    await auth.requestPasswordReset(email);
    const first = await mailed();
    await auth.changePassword({ accountId: id, currentPassword: password, newPassword: next });
    await auth.stop();
    expect(await codeOf(auth.resetPassword(first, password))).toBe("ERR_AUTH_INVALID_TICKET");
    const { auth: other, createAda: create, mailed: read, clock, passwords } = createAuth();
    await create();
    await other.requestPasswordReset(email);
    const second = await read();
    await clock.advance(30 * 60_000);
    passwords.hashed = 0;
    expect(await codeOf(other.resetPassword(second, next))).toBe("ERR_AUTH_INVALID_TICKET");
    expect(passwords.hashed).toBe(0);
  });

  it("requestPasswordReset() says nothing for an unknown or disabled account, and sends nothing", async () => {
    const { auth, createAda, mailer } = createAuth();
    const { id } = await createAda();
    await auth.accounts.disable(id);
    for (const each of [email, "nobody@example.org", "no address"]) {
      await auth.requestPasswordReset(each);
    }
    await auth.stop();
    expect(mailer.mails).toEqual([]);
  });

  it("verifies the address too: who read the mail owns it", async () => {
    const { auth, mailed } = createAuth();
    await auth.accounts.create({ email });
    await auth.requestPasswordReset(email);
    await auth.resetPassword(await mailed(), next);
    expect((await auth.login({ email, password: next })).status).toBe("complete");
  });
});
