import { createHmac, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { Secret, type TokenClaims } from "@infra/interfaces";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { exportJWK, jwtVerify, SignJWT } from "jose";

import { KeyRing, TokenService, type KeyDefinition, type TokenOptions } from "../src/index.js";
import { ManualClock } from "./manual-clock.js";

const secret = Buffer.alloc(32, 7);
const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function service(clock = new ManualClock(), options: Partial<TokenOptions> = {}) {
  const keys = new KeyRing({ id: "one", secret }, { clock });
  return new TokenService({ keys, issuer: "shop", audience: "web", ...options }, { clock });
}

/** What is given as the header and claims, signed for right with HS256, whatever they say. */
function forge(header: object, claims: object, key: string | Buffer = secret): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { passed: await work };
  } catch (error) {
    const { code, status, details } = error as { code: string; status: number; details: object };
    expect({ code, status }).toEqual({ code: "ERR_SECURITY_TOKEN", status: 401 });
    return (details as { reason: string }).reason;
  }
}

describe("TokenService", () => {
  it("signs what jose verifies, and verifies it", async () => {
    const clock = new ManualClock();
    const tokens = service(clock);
    const token = await tokens.sign({ sub: "ada", role: "admin" }, { expiresIn: "15m" });
    const nowS = clock.nowMs / 1000;
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
      currentDate: new Date(clock.nowMs),
    });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg: "HS256", kid: "one", typ: "JWT" });
  });

  it("keeps the claims it is given, and takes ids from the generator", async () => {
    const clock = new ManualClock();
    const keys = new KeyRing({ secret });
    const tokens = new TokenService({ keys }, { clock, ids: { next: () => "id-1" } });
    const token = await tokens.sign({ exp: clock.nowMs / 1000 + 5 }, { expiresIn: "1h" });
    expect(await tokens.verify(token)).toMatchObject({
      jti: "id-1",
      iss: "infra",
      aud: "infra",
      exp: clock.nowMs / 1000 + 5,
    });
  });

  it.each<[string, KeyDefinition]>([
    ["EdDSA", KeyRing.generate("ed25519")],
    ["ES256", KeyRing.generate("p256")],
    ["ES384", KeyRing.generate("p384")],
    ["RS256", { privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }],
    ["HS256", KeyRing.generate()],
  ])("uses %s where the key says so; who has the JWKS verifies", async (algorithm, key) => {
    const tokens = new TokenService({ keys: new KeyRing(key) });
    const token = await tokens.sign({ sub: "ada" }, { expiresIn: "1m" });
    expect((await tokens.verify(token)).sub).toBe("ada");
    const jwks = tokens.jwks();
    if (algorithm === "HS256") {
      expect(jwks).toEqual({ keys: [] });
      return;
    }
    expect(jwks.keys).toEqual([expect.objectContaining({ alg: algorithm, use: "sig" })]);
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|k)":/);
    const verifier = new TokenService({ keys: KeyRing.fromJwks(jwks) });
    expect((await verifier.verify(token)).sub).toBe("ada");
    await expect(verifier.sign({}, { expiresIn: "1m" })).rejects.toMatchObject({
      code: "ERR_SECURITY_KEY_UNAVAILABLE",
    });
  });

  it("signs with the newest key, verifies with those before it, and publishes the next", async () => {
    const clock = new ManualClock();
    const first = KeyRing.generate("ed25519", { id: "first" });
    const ring = new KeyRing(first, { clock });
    const tokens = new TokenService({ keys: ring }, { clock });
    const old = await tokens.sign({}, { expiresIn: "1d" });
    ring.add(KeyRing.generate("ed25519", { id: "second", notBefore: clock.nowMs + 3_600_000 }));
    expect(tokens.jwks().keys.map(({ kid }) => kid)).toEqual(["first", "second"]);
    const kidOf = (token: string) =>
      (JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: string })
        .kid;
    expect(kidOf(await tokens.sign({}, { expiresIn: "1h" }))).toBe("first");
    clock.nowMs += 3_600_000;
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
    await new TokenService({ key: "dev" }).verify(weak);
  });

  it("checks expiry and not-before, give or take five seconds", async () => {
    const clock = new ManualClock();
    const tokens = service(clock);
    const token = await tokens.sign({ nbf: clock.nowMs / 1000 + 60 }, { expiresIn: "2m" });
    expect(await reasonOf(tokens.verify(token))).toBe("not-yet-valid");
    clock.nowMs += 55_000;
    await tokens.verify(token);
    clock.nowMs += 69_000;
    await tokens.verify(token);
    clock.nowMs += 1_000;
    expect(await reasonOf(tokens.verify(token))).toBe("expired");
    await expect(tokens.verify(token)).rejects.toThrow("the token has expired");
  });

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

describe("a token that is not what it seems", () => {
  const clock = new ManualClock();
  const nowS = clock.nowMs / 1000;
  const header = { alg: "HS256", kid: "one", typ: "JWT" };
  const claims = { iss: "shop", aud: "web", iat: nowS, exp: nowS + 60 };
  const verify = (token: string) => reasonOf(service(clock).verify(token));
  let server: Server;
  let url = "";
  let fetches = 0;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetches += 1;
      response.end(JSON.stringify({ keys: [{ kty: "oct", kid: "one", k: encode("x") }] }));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  it("passes when everything is right, so that the forger below is one", async () => {
    expect(await verify(forge(header, claims))).toEqual({ passed: claims });
  });

  it.each(["none", "None", "NONE", "nOnE", ""])("is refused with alg %j", async (alg) => {
    const input = `${encode({ ...header, alg })}.${encode(claims)}`;
    for (const token of [`${input}.`, input, forge({ ...header, alg }, claims)]) {
      expect(await verify(token)).not.toHaveProperty("passed");
    }
  });

  it("is refused when a public key was used as a secret (algorithm confusion)", async () => {
    for (const type of ["rsa", "ed25519", "p256"] as const) {
      const key: KeyDefinition =
        type === "rsa"
          ? { privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }
          : KeyRing.generate(type);
      const keys = new KeyRing({ ...key, id: "one" });
      const tokens = new TokenService({ keys, issuer: "shop", audience: "web" }, { clock });
      const publicKey = keys.keys[0]!.publicKey!;
      for (const guess of [
        publicKey.export({ type: "spki", format: "pem" }) as string,
        publicKey.export({ type: "spki", format: "der" }),
        JSON.stringify(tokens.jwks().keys[0]),
      ]) {
        expect(await reasonOf(tokens.verify(forge(header, claims, guess)))).toBe("header");
      }
    }
  });

  it("is refused with another algorithm of the same kind", async () => {
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS512", kid: "one", typ: "JWT" })
      .sign(new Uint8Array(64).fill(7));
    expect(await verify(token)).toBe("header");
  });

  it("is refused with a key of its own or the address of one, and nothing is fetched", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const jwk = await exportJWK(publicKey);
    for (const stray of [
      { jku: url },
      { x5u: url },
      { jwk },
      { x5c: [encode("certificate")] },
      { "x5t#S256": "x" },
      { jku: url, kid: "unknown" },
      { crit: ["exp"], exp: 1 },
      { crit: ["b64"], b64: false },
    ]) {
      expect(await verify(forge({ ...header, ...stray }, claims))).toBe("header");
    }
    for (const kid of ["one", "other"]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: "EdDSA", kid, typ: "JWT", jku: url, jwk })
        .sign(privateKey);
      expect(await verify(token)).toBe("header");
    }
    expect(fetches).toBe(0);
  });

  it.each([
    undefined,
    null,
    1,
    "",
    "two",
    "../../dev/null",
    "one' OR '1'='1",
    "__proto__",
    "constructor",
    ["one"],
    { toString: "one" },
    url,
  ])("is refused with the kid %j, and nothing is fetched or read", async (kid) => {
    expect(await verify(forge({ ...header, kid }, claims))).toBe("key");
    expect(await verify(forge({ ...header, kid }, claims, ""))).toBe("key");
    expect(fetches).toBe(0);
  });

  it("is refused when its key is for something else", async () => {
    const keys = new KeyRing({ id: "one", secret, purposes: ["cookie"] });
    const tokens = new TokenService({ keys, issuer: "shop", audience: "web" }, { clock });
    expect(await reasonOf(tokens.verify(forge(header, claims)))).toBe("key");
  });

  it.each([
    ["iss", "other", "issuer"],
    ["iss", undefined, "issuer"],
    ["iss", ["shop"], "issuer"],
    ["aud", "other", "audience"],
    ["aud", undefined, "audience"],
    ["aud", [], "audience"],
    ["aud", { web: true }, "audience"],
    ["exp", undefined, "claims"],
    ["exp", "9999999999", "claims"],
    ["exp", null, "claims"],
    ["exp", nowS - 5, "expired"],
    ["iat", undefined, "claims"],
    ["nbf", nowS + 60, "not-yet-valid"],
    ["nbf", "now", "claims"],
  ])("is refused with %s %j", async (claim, value, reason) => {
    expect(await verify(forge(header, { ...claims, [claim]: value }))).toBe(reason);
  });

  it.each([undefined, "at+jwt", "JWS", "", 1])("is refused with typ %j", async (typ) => {
    expect(await verify(forge({ ...header, typ }, claims))).toBe("type");
  });

  it("is refused when anything in it was changed or cut, or it is written in another way", async () => {
    const token = forge(header, claims);
    const tokens = service(clock);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < token.length; at += 1) {
      const other = alphabet[(alphabet.indexOf(token[at]!) + 1) % 64]!;
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await reasonOf(tokens.verify(changed))).not.toHaveProperty("passed");
    }
    for (const changed of [
      `${token}=`,
      `${token}.`,
      ` ${token}`,
      `${token}\n`,
      token.slice(0, -1),
      "",
      "a.b.c",
    ]) {
      expect(await verify(changed)).not.toHaveProperty("passed");
    }
    expect(await verify(forge(header, { ...claims, pad: "x".repeat(9000) }))).toBe("malformed");
    expect(await verify(undefined as unknown as string)).toBe("malformed");
    expect(await verify(forge(header, []))).toBe("malformed");
  });

  it("the answer holds neither claims nor the reason", async () => {
    const token = forge(header, { ...claims, aud: "other", sub: "ada@example.com" });
    const error: unknown = await service(clock)
      .verify(token)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      message: "the token is not valid",
      publicMessage: "the token is not valid",
    });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain("ada@example");
    expect((error as Error).cause).toBeUndefined();
  });
});

describe("the cache of TokenService", () => {
  function counted(clock: ManualClock, options: Partial<TokenOptions> = {}) {
    const keys = new KeyRing({ id: "one", secret }, { clock });
    const tokens = new TokenService({ keys, cacheSize: 2, ...options }, { clock });
    return { keys, tokens };
  }

  it("gives the same claims again, frozen through and through", async () => {
    const { tokens } = counted(new ManualClock());
    const token = await tokens.sign({ roles: [{ name: "admin" }] }, { expiresIn: "1m" });
    const first = await tokens.verify(token);
    expect(await tokens.verify(token)).toBe(first);
    expect(tokens.stats()).toEqual({ cached: 1 });
    const { roles } = first as { roles: { name: string }[] };
    expect(() => {
      roles[0]!.name = "user";
    }).toThrow(TypeError);
  });

  it("still checks expiry, not-before and audience", async () => {
    const clock = new ManualClock();
    const { tokens } = counted(clock);
    const token = await tokens.sign({ nbf: clock.nowMs / 1000 }, { expiresIn: "1m" });
    await tokens.verify(token);
    expect(await reasonOf(tokens.verify(token, { audience: "other" }))).toBe("audience");
    await tokens.verify(token);
    clock.nowMs -= 60_000;
    expect(await reasonOf(tokens.verify(token))).toBe("not-yet-valid");
    clock.nowMs += 60_000;
    await tokens.verify(token);
    clock.nowMs += 65_000;
    expect(await reasonOf(tokens.verify(token))).toBe("expired");
    expect(tokens.stats()).toEqual({ cached: 0 });
  });

  it("still asks for revocation, and whether the key is accepted", async () => {
    const clock = new ManualClock();
    let revoked = false;
    const { keys, tokens } = counted(clock, { isRevoked: () => revoked });
    const token = await tokens.sign({}, { expiresIn: "1m" });
    await tokens.verify(token);
    revoked = true;
    expect(await reasonOf(tokens.verify(token))).toBe("revoked");
    revoked = false;
    await tokens.verify(token);
    keys.remove("one");
    expect(await reasonOf(tokens.verify(token))).toBe("key");
    // another key of the same name does not take its place
    keys.add({ id: "one", secret: Buffer.alloc(32, 8) });
    expect(await reasonOf(tokens.verify(token))).toBe("signature");
  });

  it("remembers no more than it may, the latest used, and nothing that was refused", async () => {
    const { tokens } = counted(new ManualClock());
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map((sub) => tokens.sign({ sub }, { expiresIn: "1m" })),
    );
    const first = await tokens.verify(a!);
    await tokens.verify(b!);
    await tokens.verify(a!);
    await tokens.verify(c!);
    expect(tokens.stats()).toEqual({ cached: 2 });
    expect(await tokens.verify(a!)).toBe(first);
    await reasonOf(tokens.verify(`${a!.slice(0, -4)}AAAA`));
    await reasonOf(tokens.verify("a.b.c"));
    expect(tokens.stats()).toEqual({ cached: 2 });
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
    clock.nowMs += 65_000;
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
