import { describe, expect, it } from "@jest/globals";

import { codeOf, createAuth, email, password } from "./create-auth.js";

describe("AuthService.register()", () => {
  it("makes an account, and mails a link that verifies its address, once", async () => {
    const { auth, mailed, types } = createAuth();
    await auth.register({ email, password, data: { name: "Ada" } });
    const token = await mailed();
    expect(await auth.accounts.findByEmail(email)).toMatchObject({
      email,
      emailVerified: false,
      roles: [],
      data: { name: "Ada" },
    });
    expect(await auth.verifyEmail(token)).toMatchObject({ emailVerified: true });
    expect(await codeOf(auth.verifyEmail(token))).toBe("ERR_AUTH_INVALID_TICKET");
    expect((await auth.login({ email, password })).status).toBe("complete");
    expect(types()).toEqual(expect.arrayContaining(["registered", "email-verified"]));
  });

  it("does the same for an address that is taken, and tells its owner alone", async () => {
    const { auth, createAda, mailer, passwords } = createAuth();
    const ada = await createAda();
    passwords.hashed = 0;
    await expect(
      auth.register({ email: email.toUpperCase(), password: "another long password" }),
    ).resolves.toBeUndefined();
    // the same work, so that the time does not say it
    expect(passwords.hashed).toBe(1);
    expect((await mailer.take(email)).subject).toBe("You have an account already");
    expect(await auth.accounts.findByEmail(email)).toEqual(ada);
    expect((await auth.login({ email, password })).status).toBe("complete");
  });

  it("Trap: does not wait for the mail, and a mail that fails is an event", async () => {
    const sent: string[] = [];
    const { auth, types } = createAuth(
      {},
      {
        mailer: {
          send: async ({ to }) => {
            sent.push(String(to));
            throw new Error("the mail server is down");
          },
        },
      },
    );
    await auth.register({ email, password });
    expect(sent).toEqual([]);
    expect(auth.stats()).toEqual({ pendingMails: 1 });
    // nor for the mail to the owner of an address that is taken, which takes nothing to prepare
    await auth.register({ email, password });
    expect(sent).toEqual([]);
    await auth.stop();
    expect(sent).toEqual([email, email]);
    expect(types()).toContain("mail-failed");
  });

  it("stop() ends when its signal is aborted, also when a mail hangs", async () => {
    const { auth } = createAuth({}, { mailer: { send: () => new Promise<void>(() => undefined) } });
    await auth.register({ email, password });
    await auth.stop({ signal: AbortSignal.timeout(20) });
    expect(auth.stats().pendingMails).toBe(1);
  });

  it("bounds the mails that wait", async () => {
    const { auth } = createAuth(
      { maxPendingMails: 2 },
      { mailer: { send: () => new Promise<void>(() => undefined) } },
    );
    for (const each of ["a", "b"]) await auth.register({ email: `${each}@example.org`, password });
    expect(await codeOf(auth.register({ email, password }))).toBe("ERR_AUTH_TOO_MUCH_PENDING");
    expect(await auth.accounts.findByEmail(email)).toBeUndefined();
  });

  it("says so to everybody, whether there is such an account or not", async () => {
    const { auth } = createAuth(
      { maxPendingMails: 1 },
      { mailer: { send: () => new Promise<void>(() => undefined) } },
    );
    await auth.register({ email, password });
    for (const each of [email, "nobody@example.org"]) {
      expect([
        await codeOf(auth.requestPasswordReset(each)),
        await codeOf(auth.requestEmailVerification(each)),
      ]).toEqual(["ERR_AUTH_TOO_MUCH_PENDING", "ERR_AUTH_TOO_MUCH_PENDING"]);
    }
  });

  it("refuses what is no address, and a password that is too short, before anything is hashed", async () => {
    const { auth, passwords } = createAuth();
    for (const each of [
      "ada",
      "a@b\r\nBcc: all@example.org",
      "a@b,c@d",
      "<a@b>",
      `${"x".repeat(250)}@example.org`,
      7,
    ]) {
      expect(await codeOf(auth.register({ email: each as string, password }))).toBe(
        "ERR_AUTH_INVALID_INPUT",
      );
    }
    expect(await codeOf(auth.register({ email, password: "14 characters" }))).toBe(
      "ERR_AUTH_INVALID_INPUT",
    );
    expect(passwords.hashed).toBe(0);
  });

  it("asks the rules for passwords, with what is known of the user", async () => {
    const asked: unknown[] = [];
    const { auth } = createAuth({
      rules: {
        assert: async (text, options) => {
          asked.push([text, options?.words]);
          throw Object.assign(new Error("too easy"), { code: "RULES" });
        },
      },
    });
    expect(await codeOf(auth.register({ email, password: "ada" }))).toBe("RULES");
    expect(asked).toEqual([["ada", [email, "ada", "example.org"]]]);
  });

  it("needs a mailer, and says so", async () => {
    const { auth } = createAuth({}, { mailer: undefined });
    expect(await codeOf(auth.register({ email, password }))).toBe("ERR_AUTH_NOT_CONFIGURED");
  });

  it("requestEmailVerification() sends the mail again where there is something to verify", async () => {
    const { auth, mailer, mailed, clock } = createAuth({
      verifyUrl: "https://app.example/verify",
    });
    await auth.register({ email, password });
    const { text } = await mailer.take(email);
    expect(text).toMatch(/https:\/\/app\.example\/verify#token=\S+/);
    await clock.advance(25 * 3_600_000);
    const old = /token=(\S+)/.exec(text)![1]!;
    expect(await codeOf(auth.verifyEmail(old))).toBe("ERR_AUTH_INVALID_TICKET");
    await auth.requestEmailVerification(email);
    const fresh = (await mailed()).split("token=")[1]!;
    expect((await auth.verifyEmail(fresh)).emailVerified).toBe(true);
    await auth.requestEmailVerification(email);
    await auth.requestEmailVerification("nobody@example.org");
    expect(auth.stats().pendingMails).toBe(0);
  });

  it("refuses tokens that are none, or for something else", async () => {
    const { auth, createAda, mailed } = createAuth();
    await createAda();
    await auth.requestPasswordReset(email);
    const reset = await mailed();
    for (const token of [reset, "", ".", "x", "x.y", `${reset}x`, "a".repeat(10_000), undefined]) {
      expect(await codeOf(auth.verifyEmail(token as string))).toBe("ERR_AUTH_INVALID_TICKET");
    }
  });
});
