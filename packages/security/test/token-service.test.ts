import { generateKeyPairSync } from "node:crypto";

import { Secret, type TokenClaims } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";
import { jwtVerify } from "jose";

import { KeyRing, TokenService, type KeyDefinition } from "../src/index.js";
import { encode, reasonOf, secret, service } from "./tokens.js";

function kidOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: string })
    .kid;
}

describe("TokenService", () => {
  it("signs what jose verifies, and verifies it", async () => {
    const clock = new ManualClock();
    const tokens = service(clock);
    const token = await tokens.sign({ sub: "ada", role: "admin" }, { expiresIn: "15m" });
    const nowS = clock.now() / 1000;
    const claims = await tokens.verify(token);
    expect(claims).toEqual({
      sub: "ada",
      role: "admin",
      iss: "shop",
      aud: "web",
      iat: nowS,
      exp: nowS + 900,
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    const { payload, protectedHeader } = await jwtVerify(token, secret, {
      currentDate: new Date(clock.now()),
    });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg: "HS256", kid: "one", typ: "JWT" });
  });

  it("keeps the claims it is given, and takes ids from the generator", async () => {
    const clock = new ManualClock();
    const keys = new KeyRing({ secret });
    const tokens = new TokenService({ keys }, { clock, ids: { next: () => "id-1" } });
    const token = await tokens.sign({ exp: clock.now() / 1000 + 5 }, { expiresIn: "1h" });
    expect(await tokens.verify(token)).toMatchObject({
      jti: "id-1",
      iss: "infra",
      aud: "infra",
      exp: clock.now() / 1000 + 5,
    });
  });

  it.each<[string, KeyDefinition]>([
    ["EdDSA", KeyRing.generate("ed25519")],
    ["ES256", KeyRing.generate("p256")],
    ["ES384", KeyRing.generate("p384")],
    ["RS256", { privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }],
  ])("uses %s where the key says so; who has the JWKS verifies", async (algorithm, key) => {
    const tokens = new TokenService({ keys: new KeyRing(key) });
    const token = await tokens.sign({ sub: "ada" }, { expiresIn: "1m" });
    expect((await tokens.verify(token)).sub).toBe("ada");
    const jwks = tokens.jwks();
    expect(jwks.keys).toEqual([expect.objectContaining({ alg: algorithm, use: "sig" })]);
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|k)":/);
    const verifier = new TokenService({ keys: KeyRing.fromJwks(jwks) });
    expect((await verifier.verify(token)).sub).toBe("ada");
    await expect(verifier.sign({}, { expiresIn: "1m" })).rejects.toMatchObject({
      code: "ERR_SECURITY_KEY_UNAVAILABLE",
    });
  });

  it("publishes no secret", async () => {
    expect(service().jwks()).toEqual({ keys: [] });
  });

  it("signs with the newest key, verifies with those before it, and publishes the next", async () => {
    const clock = new ManualClock();
    const first = KeyRing.generate("ed25519", { id: "first" });
    const ring = new KeyRing(first, { clock });
    const tokens = new TokenService({ keys: ring }, { clock });
    const old = await tokens.sign({}, { expiresIn: "1d" });
    ring.add(KeyRing.generate("ed25519", { id: "second", notBefore: clock.now() + 3_600_000 }));
    expect(tokens.jwks().keys.map(({ kid }) => kid)).toEqual(["first", "second"]);
    expect(kidOf(await tokens.sign({}, { expiresIn: "1h" }))).toBe("first");
    clock.set(clock.now() + 3_600_000);
    expect(kidOf(await tokens.sign({}, { expiresIn: "1h" }))).toBe("second");
    await tokens.verify(old);
    ring.remove("first");
    expect(await reasonOf(tokens.verify(old))).toBe("key");
  });

  it("takes a strong text as the key that others have, and previous ones", async () => {
    const text = "qHWjXBZEZkXEm0dTQy1ynfJLIsFkWsqkZ6SDCcwsnhc=";
    const token = await new TokenService({ key: new Secret(text) }).sign({}, { expiresIn: "1m" });
    await jwtVerify(token, new TextEncoder().encode(text));
    const next = new TokenService({ key: "other", previousKeys: new Secret([text]) });
    await next.verify(token);
    const weak = await new TokenService({ key: "dev" }).sign({}, { expiresIn: "1m" });
    expect(await new TokenService({ key: "dev" }).verify(weak)).toHaveProperty("jti");
  });

  it("checks expiry and not-before, give or take five seconds", async () => {
    const clock = new ManualClock();
    const tokens = service(clock);
    const token = await tokens.sign({ nbf: clock.now() / 1000 + 60 }, { expiresIn: "2m" });
    expect(await reasonOf(tokens.verify(token))).toBe("not-yet-valid");
    clock.set(clock.now() + 55_000);
    await tokens.verify(token);
    clock.set(clock.now() + 69_000);
    await tokens.verify(token);
    clock.set(clock.now() + 1_000);
    expect(await reasonOf(tokens.verify(token))).toBe("expired");
    await expect(tokens.verify(token)).rejects.toThrow("the token has expired");
  });

  it.each(["HS256", "HS384", "HS512"] as const)(
    "hands no token of %s to another thread, once one of its key was good",
    async (algorithm) => {
      const keys = new KeyRing({ secret: Buffer.alloc(64, 7) });
      const tokens = new TokenService({ keys, algorithms: { secret: algorithm } });
      const sign = (sub: string) => tokens.sign({ sub, name: "Ünï ✓" }, { expiresIn: "1m" });
      const byJose = jest.spyOn(crypto.subtle, "verify");
      await tokens.verify(await sign("ada"));
      expect(byJose).toHaveBeenCalledTimes(1);
      expect(await tokens.verify(await sign("bob"))).toMatchObject({ sub: "bob", name: "Ünï ✓" });
      expect(byJose).toHaveBeenCalledTimes(1);
      byJose.mockRestore();
    },
  );

  it("checks who it is for, by default and by call", async () => {
    const tokens = service();
    const token = await tokens.sign({ aud: ["web", "admin"] }, { expiresIn: "1m" });
    await tokens.verify(token);
    await tokens.verify(token, { audience: "admin" });
    expect(await reasonOf(tokens.verify(token, { audience: "mobile" }))).toBe("audience");
    const other = await tokens.sign({}, { expiresIn: "1m", audience: "mobile" });
    expect(await reasonOf(tokens.verify(other))).toBe("audience");
    await tokens.verify(other, { audience: "mobile" });
  });

  it("asks whether it was revoked, each time, with the signal", async () => {
    const revoked = new Set<unknown>();
    const signals: unknown[] = [];
    const tokens = service(undefined, {
      isRevoked: async ({ jti }, { signal }) => {
        signals.push(signal);
        return revoked.has(jti);
      },
    });
    const token = await tokens.sign({ jti: "a" }, { expiresIn: "1m" });
    const { signal } = new AbortController();
    await tokens.verify(token, { signal });
    expect(signals).toEqual([signal]);
    revoked.add("a");
    expect(await reasonOf(tokens.verify(token))).toBe("revoked");
  });

  it("says what is wrong with its options and calls", async () => {
    expect(() => new TokenService({})).toThrow("JWT_SECRET");
    expect(() => service(undefined, { cacheSize: -1 })).toThrow("cacheSize must be a whole number");
    await expect(service().sign({}, { expiresIn: 0 })).rejects.toThrow(RangeError);
    await expect(service().sign({}, { expiresIn: Infinity })).rejects.toThrow(
      "and end, got Infinity",
    );
    const short = new TokenService({
      keys: new KeyRing({ secret: Buffer.alloc(48) }),
      algorithms: { secret: "HS512" },
    });
    await expect(short.sign({}, { expiresIn: "1m" })).rejects.toThrow(
      "HS512 needs a secret of at least 64 bytes, this has 48",
    );
    const tiny = new KeyRing({ secret: Buffer.alloc(16) }, { minimumBytes: 16 });
    await expect(new TokenService({ keys: tiny }).sign({}, { expiresIn: "1m" })).rejects.toThrow(
      "HS256 needs a secret of at least 32 bytes, this has 16",
    );
  });
});

describe(".encrypt() and .decrypt()", () => {
  it("hide the claims, and check them as those of a signed token", async () => {
    const clock = new ManualClock();
    const tokens = service(clock);
    const token = await tokens.encrypt({ sub: "ada" }, { expiresIn: "1m" });
    expect(Buffer.from(token, "base64url").toString("latin1")).not.toContain("ada");
    const claims: TokenClaims = await tokens.decrypt(token);
    expect(claims).toMatchObject({ sub: "ada", iss: "shop", aud: "web" });
    expect(await reasonOf(tokens.decrypt(token, { audience: "other" }))).toBe("audience");
    const revoking = service(clock, { isRevoked: () => true });
    expect(await reasonOf(revoking.decrypt(token))).toBe("revoked");
    const at = token.length - 5;
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    expect(await reasonOf(tokens.decrypt(changed))).toBe("signature");
    clock.set(clock.now() + 65_000);
    expect(await reasonOf(tokens.decrypt(token))).toBe("expired");
  });

  it("take no signed token for an encrypted one, nor the other way round, and no other algorithm", async () => {
    const tokens = service();
    expect(await reasonOf(tokens.decrypt(await tokens.sign({}, { expiresIn: "1m" })))).toBe(
      "malformed",
    );
    expect(await reasonOf(tokens.verify(await tokens.encrypt({}, { expiresIn: "1m" })))).toBe(
      "header",
    );
    for (const header of [
      { alg: "A256KW", enc: "A256GCM", kid: "one" },
      { alg: "dir", enc: "A128CBC-HS256", kid: "one" },
      { alg: "PBES2-HS256+A128KW", enc: "A256GCM", kid: "one", p2c: 1e9, p2s: "AAAAAAAAAAAA" },
      { alg: "dir", enc: "A256GCM", kid: "one", zip: "DEF" },
      { alg: "dir", enc: "A256GCM", kid: "two" },
    ]) {
      const token = `${encode(header)}..${encode("123456789012")}.AAAA.${encode("1234567890123456")}`;
      expect(["header", "key"]).toContain(await reasonOf(tokens.decrypt(token)));
    }
    const signing = new TokenService({
      keys: new KeyRing(KeyRing.generate("ed25519", { id: "one" })),
    });
    await expect(signing.encrypt({}, { expiresIn: "1m" })).rejects.toMatchObject({
      code: "ERR_SECURITY_KEY_UNAVAILABLE",
    });
  });
});
