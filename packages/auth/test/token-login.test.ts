import { describe, expect, it } from "@jest/globals";

import { RefreshTokenError } from "../src/index.js";
import { codeOf, createAuth } from "./create-auth.js";

async function started(options = {}) {
  const made = createAuth(options);
  const { id } = await made.createAda();
  const pair = await made.auth.tokens.start(await made.login());
  const { auth } = made;
  return {
    ...made,
    id,
    pair,
    refresh: (token: string) => auth.tokens.refresh(token),
    reason: async (token: string): Promise<string> => {
      const error = await auth.tokens.refresh(token).catch((each: unknown) => each);
      return RefreshTokenError.is(error) ? error.details.reason : "none";
    },
  };
}

describe("TokenLoginService", () => {
  it("start() gives an access token that says who, and a refresh token that gives the next pair", async () => {
    const { auth, id, pair, refresh, stores, clock } = await started();
    expect(pair).toMatchObject({ tokenType: "Bearer", expiresIn: 600 });
    expect(await auth.authenticate({ scheme: "bearer", value: pair.accessToken })).toEqual({
      id,
      roles: ["user"],
      credentialId: (await auth.tokens.list(id))[0]!.id,
      authenticatedAt: clock.now(),
      expiresAt: clock.now() + 600_000,
    });
    const next = await refresh(pair.refreshToken);
    expect(next.refreshToken).not.toBe(pair.refreshToken);
    expect(await refresh(next.refreshToken)).toMatchObject({ tokenType: "Bearer" });
    // kept as a hash
    expect(await stores.refreshTokens.find(pair.refreshToken)).toBeUndefined();
  });

  it("Trap: a refresh token that is used again later kills its whole family", async () => {
    const { auth, pair, refresh, reason, clock, events, id } = await started();
    const next = await refresh(pair.refreshToken);
    await clock.advance(10_000);
    expect(await reason(pair.refreshToken)).toBe("reused");
    expect(await reason(next.refreshToken)).toBe("revoked");
    expect(await auth.authenticate({ scheme: "bearer", value: next.accessToken })).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ type: "refresh-token-reused", accountId: id }),
    );
  });

  it("gives the same successor within the window, for an answer that was lost", async () => {
    const { pair, refresh, clock } = await started();
    const first = await refresh(pair.refreshToken);
    await clock.advance(9_999);
    expect((await refresh(pair.refreshToken)).refreshToken).toBe(first.refreshToken);
  });

  it("the window ends as soon as the successor was used", async () => {
    const { pair, refresh, reason } = await started();
    const next = await refresh(pair.refreshToken);
    const third = await refresh(next.refreshToken);
    expect(await reason(pair.refreshToken)).toBe("reused");
    expect(await reason(third.refreshToken)).toBe("revoked");
  });

  it("reuseWindow 0 forgives nothing", async () => {
    const { pair, refresh, reason } = await started({ reuseWindow: 0 });
    await refresh(pair.refreshToken);
    expect(await reason(pair.refreshToken)).toBe("reused");
    expect(() => createAuth({ reuseWindow: "2m" })).toThrow("reuseWindow");
  });

  it("Trap: one token used 50 times at once yields one new branch", async () => {
    const { pair, refresh, id, auth } = await started();
    const pairs = await Promise.all(Array.from({ length: 50 }, () => refresh(pair.refreshToken)));
    expect(new Set(pairs.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await auth.tokens.list(id)).toHaveLength(1);
    await refresh(pairs[0]!.refreshToken);
  });

  it("Trap: a store or a signer that fails, or refuses for a while, logs nobody out", async () => {
    const { auth, pair, refresh, stores, tokens } = await started();
    const busy = Object.assign(new Error("too many requests"), { status: 429, code: "BUSY" });
    const rotate = stores.refreshTokens.rotate.bind(stores.refreshTokens);
    stores.refreshTokens.rotate = () => Promise.reject(busy);
    expect(await codeOf(refresh(pair.refreshToken))).toBe("BUSY");
    stores.refreshTokens.rotate = rotate;
    const sign = tokens.sign.bind(tokens);
    tokens.sign = () => Promise.reject(busy);
    // rotated, and the answer lost
    expect(await codeOf(refresh(pair.refreshToken))).toBe("BUSY");
    tokens.sign = sign;
    const next = await refresh(pair.refreshToken);
    tokens.verify = () => Promise.reject(busy);
    expect(await codeOf(auth.authenticate({ scheme: "bearer", value: next.accessToken }))).toBe(
      "BUSY",
    );
  });

  it("ends after its idle time, and at last after its absolute time", async () => {
    const { pair, refresh, reason, clock } = await started();
    const day = 86_400_000;
    let token = pair.refreshToken;
    for (let at = 0; at < 6; at += 1) {
      await clock.advance(14 * day - 1);
      token = (await refresh(token)).refreshToken;
    }
    await clock.advance(6 * day + 6);
    expect(await reason(token)).toBe("expired");
    const other = await started();
    await other.clock.advance(14 * day);
    expect(await other.reason(other.pair.refreshToken)).toBe("expired");
  });

  it("tokenRevocation: immediate ends access tokens with their login, at-expiry when they expire", async () => {
    for (const [tokenRevocation, expected] of [
      ["immediate", false],
      ["at-expiry", true],
    ] as const) {
      const { auth, id, pair } = await started({ tokenRevocation });
      const [login] = await auth.tokens.list(id);
      expect(await auth.tokens.revoke("somebody else", login!.id)).toBe(false);
      expect(await auth.tokens.revoke(id, login!.id)).toBe(true);
      const principal = await auth.authenticate({ scheme: "bearer", value: pair.accessToken });
      expect(principal !== undefined).toBe(expected);
      expect(await codeOf(auth.tokens.refresh(pair.refreshToken))).toBe("ERR_AUTH_REFRESH_TOKEN");
    }
    expect(() => createAuth({ tokenRevocation: "sometimes" as never })).toThrow("tokenRevocation");
  });

  it("end(), disable() and setRoles() end it", async () => {
    for (const end of ["end", "disable", "setRoles", "delete"] as const) {
      const { auth, id, pair, reason } = await started();
      if (end === "end") await auth.tokens.end(pair.refreshToken);
      else if (end === "setRoles") await auth.accounts.setRoles(id, ["admin"]);
      else await auth.accounts[end](id);
      expect(await reason(pair.refreshToken)).toBe("revoked");
      expect(await auth.authenticate({ scheme: "bearer", value: pair.accessToken })).toBe(
        undefined,
      );
    }
  });

  it("refuses what is no refresh token, and prunes what expired", async () => {
    const { auth, reason, clock, pair } = await started();
    for (const each of ["", "x", "A".repeat(43), pair.accessToken, 7]) {
      expect(await reason(each as string)).toBe("unknown");
    }
    await auth.tokens.end("x");
    expect(await auth.tokens.prune()).toBe(0);
    await clock.advance(92 * 86_400_000);
    expect(await auth.tokens.prune()).toBe(1);
  });

  it("refuses an access token of the same signer that is for something else", async () => {
    const { auth, tokens } = await started();
    const value = await tokens.sign({ sub: "ada" }, { expiresIn: "1m" });
    expect(await auth.authenticate({ scheme: "bearer", value })).toBeUndefined();
    expect(await auth.authenticate({ scheme: "bearer", value: "forged.x" })).toBeUndefined();
  });

  it("is not there without a signer, and says so", () => {
    const { auth } = createAuth({}, { tokens: undefined });
    expect(() => auth.tokens).toThrow("tokens, which was not given");
  });
});
