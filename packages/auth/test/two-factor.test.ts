import { describe, expect, it } from "@jest/globals";

import { codeOf, createAuth, email, password } from "./create-auth.js";

/** Ada with a second factor. */
async function withApp() {
  const made = createAuth();
  const { auth, codes, createAda } = made;
  const { id } = await createAda();
  const begun = (await auth.twoFactor.begin(id))!;
  const recovery = await auth.twoFactor.confirm(id, codes.code(begun.secret));
  await made.clock.advance(60_000);
  const challenge = async (): Promise<string> => {
    const result = await auth.login({ email, password });
    if (result.status !== "second-factor") throw new Error(result.status);
    return result.challenge;
  };
  return { ...made, id, secret: begun.secret, uri: begun.uri, recovery, challenge };
}

describe("TwoFactorService", () => {
  it("begins, and is on when the app shows the right code", async () => {
    const { auth, createAda, codes, stores } = createAuth();
    const { id } = await createAda();
    const { secret, uri } = (await auth.twoFactor.begin(id))!;
    expect(uri).toContain(secret);
    expect(JSON.stringify(await stores.accounts.get(id))).not.toContain(secret);
    expect((await auth.login({ email, password })).status).toBe("complete");
    expect(await codeOf(auth.twoFactor.confirm(id, "000000"))).toBe("ERR_AUTH_INVALID_CODE");
    expect(await auth.twoFactor.confirm(id, codes.code(secret))).toHaveLength(10);
    expect((await auth.login({ email, password })).status).toBe("second-factor");
    expect((await auth.accounts.get(id))?.twoFactor).toBe(true);
  });

  it("the one that is in use goes on until a new one is confirmed", async () => {
    const { auth, id, secret, codes, clock, challenge } = await withApp();
    const { secret: next } = (await auth.twoFactor.begin(id))!;
    await auth.completeLogin({ challenge: await challenge(), code: codes.code(secret) });
    await auth.twoFactor.confirm(id, codes.code(next));
    await clock.advance(60_000);
    expect(
      await codeOf(auth.completeLogin({ challenge: await challenge(), code: codes.code(secret) })),
    ).toBe("ERR_AUTH_INVALID_CODE");
    await auth.completeLogin({ challenge: await challenge(), code: codes.code(next) });
  });

  it("needs its collaborators, and says which", async () => {
    const { auth, createAda } = createAuth({ codes: undefined });
    const { id } = await createAda();
    await expect(auth.twoFactor.begin(id)).rejects.toMatchObject({
      code: "ERR_AUTH_NOT_CONFIGURED",
      details: { collaborator: "codes" },
    });
  });

  it("disable() switches it off", async () => {
    const { auth, id } = await withApp();
    expect(await auth.twoFactor.disable(id)).toBe(true);
    expect(await auth.twoFactor.disable(id)).toBe(false);
    expect((await auth.login({ email, password })).status).toBe("complete");
  });
});

describe("AuthService.completeLogin()", () => {
  it("takes the challenge with a code of the app, once", async () => {
    const { auth, secret, codes, clock, challenge, id } = await withApp();
    const first = await challenge();
    const login = await auth.completeLogin({ challenge: first, code: codes.code(secret) });
    expect(login).toMatchObject({ account: { id }, methods: ["password", "totp"] });
    await clock.advance(60_000);
    expect(await codeOf(auth.completeLogin({ challenge: first, code: codes.code(secret) }))).toBe(
      "ERR_AUTH_INVALID_TICKET",
    );
  });

  it("Trap: a code is taken once, also when many show it at once", async () => {
    const { auth, secret, codes, challenge } = await withApp();
    const challenges = [await challenge(), await challenge(), await challenge(), await challenge()];
    const results = await Promise.all(
      challenges.map((each) =>
        codeOf(auth.completeLogin({ challenge: each, code: codes.code(secret) })),
      ),
    );
    expect(results.filter((each) => each === undefined)).toHaveLength(1);
    expect(
      await codeOf(auth.completeLogin({ challenge: await challenge(), code: codes.code(secret) })),
    ).toBe("ERR_AUTH_INVALID_CODE");
  });

  it("Trap: a recovery code is taken once, also when many show it at once", async () => {
    const { auth, recovery, challenge, types, id } = await withApp();
    const challenges = [await challenge(), await challenge(), await challenge(), await challenge()];
    const results = await Promise.all(
      challenges.map((each) => codeOf(auth.completeLogin({ challenge: each, code: recovery[3]! }))),
    );
    expect(results.filter((each) => each === undefined)).toHaveLength(1);
    expect(types()).toContain("recovery-code-used");
    const renewed = (await auth.twoFactor.renewRecoveryCodes(id))!;
    expect(
      await codeOf(auth.completeLogin({ challenge: await challenge(), code: recovery[4]! })),
    ).toBe("ERR_AUTH_INVALID_CODE");
    const login = await auth.completeLogin({ challenge: await challenge(), code: renewed[0]! });
    expect(login.methods).toEqual(["password", "recovery-code"]);
  });

  it("bounds the codes that are tried, also over new challenges", async () => {
    const { auth, secret, codes, challenge, clock } = await withApp();
    const results: (string | undefined)[] = [];
    for (let at = 0; at < 8; at += 1) {
      results.push(
        await codeOf(auth.completeLogin({ challenge: await challenge(), code: `${at}` })),
      );
    }
    expect(results.slice(0, 5)).toEqual(Array(5).fill("ERR_AUTH_INVALID_CODE"));
    expect(results.slice(5)).toEqual(Array(3).fill("ERR_AUTH_LOCKED_OUT"));
    await clock.advance(60_000);
    await auth.completeLogin({ challenge: await challenge(), code: codes.code(secret) });
  });

  it("refuses a challenge that is none, has expired, or is a mail's token", async () => {
    const { auth, secret, codes, challenge, clock, mailed } = await withApp();
    await auth.requestPasswordReset(email);
    const reset = await mailed();
    const late = await challenge();
    for (const each of ["", "x.y", reset]) {
      expect(await codeOf(auth.completeLogin({ challenge: each, code: codes.code(secret) }))).toBe(
        "ERR_AUTH_INVALID_TICKET",
      );
    }
    await clock.advance(5 * 60_000);
    expect(await codeOf(auth.completeLogin({ challenge: late, code: codes.code(secret) }))).toBe(
      "ERR_AUTH_INVALID_TICKET",
    );
  });
});
