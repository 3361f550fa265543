import type { InfraError } from "@infra/errors";
import { describe, expect, it } from "@jest/globals";

import { LockedOutError } from "../src/index.js";
import { codeOf, createAuth, email, password } from "./create-auth.js";

describe("AuthService.login()", () => {
  it("logs in with the right password, however the address is written", async () => {
    const { auth, createAda, clock, types } = createAuth();
    const { id } = await createAda();
    const result = await auth.login({ email: " ADA@Example.org ", password });
    expect(result).toMatchObject({
      status: "complete",
      login: { account: { id }, methods: ["password"], authenticatedAt: clock.now() },
    });
    expect(JSON.stringify(result)).not.toContain("$fake$");
    expect(types()).toContain("login");
  });

  it("answers alike for an unknown address, a wrong password, one without a password, and none at all", async () => {
    const { auth, createAda } = createAuth();
    await createAda();
    await auth.accounts.create({ email: "bob@example.org" });
    const answers = await Promise.all(
      [email, "nobody@example.org", "bob@example.org", "no address", ""].map((each) =>
        auth
          .login({ email: each, password: "wrong" })
          .catch(({ code, status, message }: InfraError) => ({ code, status, message })),
      ),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ code: "ERR_AUTH_INVALID_CREDENTIALS", status: 401 });
  });

  it("Trap: verifies one password for an unknown address, as for any other", async () => {
    const { auth, createAda, passwords } = createAuth();
    await createAda();
    for (const each of [email, "nobody@example.org", "no address"]) {
      passwords.verified = 0;
      await codeOf(auth.login({ email: each, password: "wrong" }));
      expect(passwords.verified).toBe(1);
    }
  });

  it("Trap: of 100 wrong passwords at once no more than the limit reach the hash", async () => {
    const { auth, createAda, passwords, types } = createAuth();
    await createAda();
    for (const each of [email, "nobody@example.org"]) {
      passwords.verified = 0;
      const codes = await Promise.all(
        Array.from({ length: 100 }, () => codeOf(auth.login({ email: each, password: "wrong" }))),
      );
      expect(passwords.verified).toBe(5);
      expect(codes.filter((code) => code === "ERR_AUTH_LOCKED_OUT")).toHaveLength(95);
    }
    expect(types()).toContain("locked-out");
  });

  it("lets somebody try again after the wait that it names, and waits longer the more there were", async () => {
    const { auth, createAda, clock } = createAuth();
    await createAda();
    const tryUntilLocked = async (): Promise<{ tries: number; waitMs: number }> => {
      for (let tries = 0; tries < 100; tries += 1) {
        const error = await auth.login({ email, password: "wrong" }).catch((each: unknown) => each);
        if (LockedOutError.is(error)) return { tries, waitMs: error.details.retryAfterMs };
      }
      throw new Error("never locked out");
    };
    expect(await tryUntilLocked()).toEqual({ tries: 5, waitMs: 60_000 });
    await clock.advance(60_000);
    expect(await tryUntilLocked()).toEqual({ tries: 5, waitMs: 60_000 });
    await clock.advance(60_000);
    // ten in a quarter of an hour
    expect(await tryUntilLocked()).toEqual({ tries: 0, waitMs: 780_000 });
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_LOCKED_OUT");
    await clock.advance(780_000);
    expect((await auth.login({ email, password })).status).toBe("complete");
    expect((await tryUntilLocked()).tries).toBe(5);
  });

  it("Trap: a flood that is refused does not use up the attempts of the day", async () => {
    const { auth, createAda, clock } = createAuth();
    await createAda();
    await Promise.all(
      Array.from({ length: 200 }, () => codeOf(auth.login({ email, password: "wrong" }))),
    );
    await clock.advance(60_000);
    expect((await auth.login({ email, password })).status).toBe("complete");
  });

  it("counts each account by itself", async () => {
    const { auth, createAda } = createAuth();
    await createAda();
    for (let at = 0; at < 20; at += 1) {
      await codeOf(auth.login({ email: "bob@example.org", password: "wrong" }));
    }
    expect((await auth.login({ email, password })).status).toBe("complete");
  });

  it("asks the guard by address too, before the hash", async () => {
    const asked: unknown[] = [];
    const { auth, passwords } = createAuth({
      guard: {
        attempt: async (attempt) => {
          asked.push(attempt);
          throw Object.assign(new Error("too many"), { status: 429, code: "GUARD" });
        },
      },
    });
    const client = { address: "192.0.2.1" };
    expect(await codeOf(auth.login({ email, password, client }))).toBe("GUARD");
    expect(asked).toEqual([{ address: "192.0.2.1" }]);
    expect(passwords.verified).toBe(0);
  });

  it("fails when attempts can't be counted: nothing would be bounded", async () => {
    const { auth, createAda, passwords } = createAuth(
      {},
      {
        attempts: {
          consume: () => Promise.reject(new Error("the store is down")),
          reset: async () => undefined,
        },
      },
    );
    await createAda();
    await expect(auth.login({ email, password })).rejects.toThrow("the store is down");
    expect(passwords.verified).toBe(0);
  });

  it("says that the address is not verified, or the account disabled, to who has the password only", async () => {
    const { auth } = createAuth();
    const { id } = await auth.accounts.create({ email, password });
    expect(await codeOf(auth.login({ email, password: "wrong" }))).toBe(
      "ERR_AUTH_INVALID_CREDENTIALS",
    );
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_EMAIL_UNVERIFIED");
    await auth.accounts.disable(id);
    expect(await codeOf(auth.login({ email, password: "wrong" }))).toBe(
      "ERR_AUTH_INVALID_CREDENTIALS",
    );
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_ACCOUNT_DISABLED");
    await auth.accounts.enable(id);
    expect(await codeOf(auth.login({ email, password }))).toBe("ERR_AUTH_EMAIL_UNVERIFIED");
  });

  it("emailVerification: optional lets in whose address is not verified", async () => {
    const { auth } = createAuth({ emailVerification: "optional" });
    await auth.accounts.create({ email, password });
    expect((await auth.login({ email, password })).status).toBe("complete");
  });

  it("hashes a password anew that was hashed with what is outdated; that it fails refuses nobody", async () => {
    const { auth, createAda, passwords, stores } = createAuth();
    const { id } = await createAda();
    const before = (await stores.accounts.get(id))!.passwordHash;
    passwords.outdated = true;
    await auth.login({ email, password });
    const after = (await stores.accounts.get(id))!.passwordHash;
    expect(after).not.toBe(before);
    passwords.hash = () => Promise.reject(new Error("no thread"));
    expect((await auth.login({ email, password })).status).toBe("complete");
  });

  it("does not take a listener's failure for its own", async () => {
    const { auth, createAda } = createAuth();
    await createAda();
    auth.on(() => {
      throw new Error("the audit log is full");
    });
    expect((await auth.login({ email, password })).status).toBe("complete");
  });
});
