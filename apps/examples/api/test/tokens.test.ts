import { createHmac, generateKeyPairSync, KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { AuthService, keySetResponse } from "@infra/auth";
import { systemClock } from "@infra/interfaces";
import { KeyRing, PasswordService, TokenService } from "@infra/security";
import { ScryptAlgorithm } from "@infra/security/drivers/scrypt";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { password, startApi } from "./start-api.js";

const encode = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decode = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;

describe("an access token that is not what it seems", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  let evil: Server;
  let fetches = 0;
  let good = "";
  beforeAll(async () => {
    evil = createServer((_request, response) => {
      fetches += 1;
      response.end("{}");
    });
    evil.listen(0, "127.0.0.1");
    await once(evil, "listening");
    api = await startApi("pglite:memory");
    await api.create("ada@example.org");
    const credentials = { email: "ada@example.org", password, as: "tokens" };
    good = (await api.client().post("/login", credentials)).body.accessToken;
  }, 60_000);
  afterAll(async () => {
    evil.closeAllConnections();
    evil.close();
    await api?.stop();
  });
  const status = async (token: string): Promise<number> =>
    (await fetch(`${api.url}/me`, { headers: { authorization: `Bearer ${token}` } })).status;

  it("is 401, whatever was tried, and nothing is fetched", async () => {
    expect(await status(good)).toBe(200);
    const [head, body, signature] = good.split(".") as [string, string, string];
    const [header, claims] = [decode(head), decode(body)];
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/jwks.json`;
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const guess = (more: object, changed: object = {}, key: string | KeyObject = "x"): string => {
      const input = `${encode({ ...header, ...more })}.${encode({ ...claims, ...changed })}`;
      const secret = typeof key === "string" ? key : key.export({ type: "spki", format: "pem" });
      return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
    };
    const forged: Record<string, string> = {
      "alg none": `${encode({ ...header, alg: "none" })}.${body}.`,
      "alg None": `${encode({ ...header, alg: "None" })}.${body}.${signature}`,
      "the public key as the secret": guess({}, {}, publicKey),
      jku: guess({ jku: url }),
      x5u: guess({ x5u: url }),
      jwk: guess({ jwk: { kty: "oct", k: encode("x") } }),
      x5c: guess({ x5c: [encode("certificate")] }),
      "kid as a path": guess({ kid: "../../../../dev/null" }, {}, ""),
      "kid as SQL": guess({ kid: "' or 1 = 1 --" }),
      "no kid": guess({ kid: undefined }),
      "changed claims": `${head}.${encode({ ...claims, roles: ["admin"] })}.${signature}`,
      "no signature": `${head}.${body}.`,
      "cut short": good.slice(0, -1),
      "not a token": "x.y.z",
    };
    for (const [name, token] of Object.entries(forged)) {
      expect([name, await status(token)]).toEqual([name, 401]);
    }
    expect(fetches).toBe(0);
  });

  it("is 401 when it is ours, and for somebody else, by somebody else, too old, or for another purpose", async () => {
    const claims = decode(good.split(".")[1]!);
    const key = "a secret for tests";
    const sign = async (options: object, changed: object): Promise<string> => {
      const { iss: _iss, aud: _aud, exp: _exp, iat: _iat, jti: _jti, ...rest } = claims;
      return await new TokenService({ key, ...options }).sign(
        { ...rest, ...changed },
        { expiresIn: "5m" },
      );
    };
    const nowS = Math.floor(Date.now() / 1000);
    expect(await status(await sign({}, {}))).toBe(200);
    for (const [options, changed] of [
      [{ issuer: "somebody else" }, {}],
      [{ audience: "somebody else" }, {}],
      [{ type: "at+jwt" }, {}],
      [{}, { exp: nowS - 60 }],
      [{}, { nbf: nowS + 600 }],
      [{}, { exp: undefined }],
      [{}, { sid: undefined }],
      [{}, { sid: "another login" }],
      [{}, { sub: undefined }],
      [{}, { roles: "admin" }],
    ] as const) {
      const token = await sign(options, changed);
      expect([options, changed, await status(token)]).toEqual([options, changed, 401]);
    }
  });
});

const keyOf = ({ accessToken }: { accessToken: string }): unknown =>
  decode(accessToken.split(".")[0]!)["kid"];

describe("keys that rotate", () => {
  it("what the key before signed holds until that key's time is over, and others find both keys", async () => {
    let nowMs = Date.now();
    const clock = { ...systemClock, now: () => nowMs };
    const before = KeyRing.generate("ed25519");
    const keys = new KeyRing(
      { ...before, id: "before", notAfter: new Date(nowMs + 3_600_000) },
      { clock },
    );
    const tokens = new TokenService({ keys }, { clock });
    const passwords = new PasswordService({ algorithm: new ScryptAlgorithm({ logN: 12 }) });
    const auth = new AuthService({}, { passwords, tokens, clock });
    const email = "ada@example.org";
    await auth.accounts.create({ email, password, emailVerified: true });
    const result = await auth.login({ email, password });
    if (result.status !== "complete") throw new Error(result.status);
    const first = await auth.tokens.start(result.login);
    keys.add({ ...KeyRing.generate("ed25519"), id: "after" });
    const second = await auth.tokens.refresh(first.refreshToken);
    expect([keyOf(first), keyOf(second)]).toEqual(["before", "after"]);
    const find = async ({ accessToken }: { accessToken: string }) =>
      await auth.authenticate({ scheme: "bearer", value: accessToken });
    expect(await find(first)).toBeDefined();
    const published = JSON.parse(keySetResponse(tokens).body).keys as { kid: string; d?: string }[];
    expect(published.map(({ kid }) => kid).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "after",
      "before",
    ]);
    expect(published.every(({ d }) => d === undefined)).toBe(true);
    nowMs += 3_600_001;
    const late = tokens.jwks();
    expect(late.keys.map(({ kid }) => kid)).toEqual(["after"]);
  });
});
