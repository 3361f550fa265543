import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { ManualClock } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { exportJWK, SignJWT } from "jose";

import { KeyRing, TokenService, type KeyDefinition } from "../src/index.js";
import { encode, forge, reasonOf, secret, service } from "./tokens.js";

// the first token of a key is checked by jose, those after it are not
describe.each([
  ["to who has seen none", false],
  ["to who knows the key", true],
])("a token that is not what it seems, %s", (_name, warm) => {
  const clock = new ManualClock();
  const nowS = clock.now() / 1000;
  const header = { alg: "HS256", kid: "one", typ: "JWT" };
  const claims = { iss: "shop", aud: "web", iat: nowS, exp: nowS + 60 };
  const verifier = async (): Promise<TokenService> => {
    const tokens = service(clock);
    if (warm) await tokens.verify(forge(header, claims));
    return tokens;
  };
  const verify = async (token: string) => reasonOf((await verifier()).verify(token));
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
    ["iat", "now", "claims"],
    ["nbf", nowS + 60, "not-yet-valid"],
    ["nbf", "now", "claims"],
    ["nbf", "0", "claims"],
    ["nbf", null, "claims"],
  ])("is refused with %s %j", async (claim, value, reason) => {
    expect(await verify(forge(header, { ...claims, [claim]: value }))).toBe(reason);
  });

  it.each([undefined, "at+jwt", "JWS", "", 1])("is refused with typ %j", async (typ) => {
    expect(await verify(forge({ ...header, typ }, claims))).toBe("type");
  });

  it("is refused when anything in it was changed or cut, or it is written in another way", async () => {
    const token = forge(header, claims);
    const tokens = await verifier();
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
    // 0xff stands in no text
    const noText = Buffer.from(JSON.stringify({ ...claims, sub: "?" }));
    noText[noText.indexOf("?")] = 0xff;
    for (const claimsSet of [[], null, 7, "{", noText]) {
      expect(await verify(forge(header, claimsSet as object))).toBe("malformed");
    }
  });

  it("the answer holds neither claims nor the reason", async () => {
    const token = forge(header, { ...claims, aud: "other", sub: "ada@example.com" });
    const error: unknown = await (
      await verifier()
    )
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
