import { generateKeyPairSync, type JsonWebKey } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { decryptJwe, encryptJwe, signJws, verifyJws } from "../src/index.js";
import { readVectors } from "./vectors.js";

interface JoseVector {
  readonly source: string;
  readonly algorithm: string;
  readonly encryption: string;
  readonly key: JsonWebKey;
  readonly payload: string;
  readonly plain: string;
  readonly jws: string;
  readonly jwe: string;
}

const vectors = readVectors<Record<"jws" | "jwe", readonly JoseVector[]>>("jose");
const each = (name: "jws" | "jwe") =>
  vectors[name].map((vector) => [vector.source, vector.algorithm, vector] as const);
const secret = Buffer.alloc(32, 7);

describe("verifyJws()", () => {
  it.each(each("jws"))("reads %s, %s", async (_source, algorithm, { key, jws, payload }) => {
    const verified = await verifyJws(jws, { key, algorithm });
    expect(Buffer.from(verified.payload).toString()).toBe(payload);
    expect(verified.header.alg).toBe(algorithm);
  });

  it("reads what signJws() writes", async () => {
    const jws = await signJws("hello", { key: secret, algorithm: "HS256" }, { typ: "greeting" });
    const { payload, header } = await verifyJws(jws, { key: secret, algorithm: "HS256" });
    expect(Buffer.from(payload).toString()).toBe("hello");
    expect(header).toEqual({ alg: "HS256", typ: "greeting" });
  });

  it("refuses another algorithm than the one it was told", async () => {
    const key = Buffer.alloc(64, 7);
    const jws = await signJws("hello", { key, algorithm: "HS512" });
    await expect(verifyJws(jws, { key, algorithm: "HS256" })).rejects.toMatchObject({
      code: "ERR_SECURITY_TOKEN",
      details: { reason: "header" },
    });
  });

  it("refuses short secrets and public keys in the place of secrets, which jose takes", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
    const algorithm = "HS256";
    await expect(signJws("x", { key: Buffer.alloc(6), algorithm })).rejects.toThrow(RangeError);
    for (const key of [Buffer.from(pem), publicKey]) {
      await expect(verifyJws("a.b.c", { key, algorithm })).rejects.toThrow(TypeError);
    }
    await expect(verifyJws("a.b.c", { key: pem, algorithm })).rejects.toThrow(TypeError);
    await expect(signJws("x", { key: secret, algorithm: "EdDSA" })).rejects.toThrow(TypeError);
  });
});

describe("decryptJwe()", () => {
  it.each(each("jwe"))("reads %s, %s", async (_source, algorithm, vector) => {
    const { key, encryption, jwe } = vector;
    const { plain } = await decryptJwe(jwe, { key, algorithm, encryption });
    expect(Buffer.from(plain).toString()).toBe(vector.plain);
  });

  it("reads what encryptJwe() writes, for secrets and key pairs", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    for (const [algorithm, key, opens] of [
      ["dir", secret, secret],
      ["A256KW", secret, secret],
      ["ECDH-ES", publicKey, privateKey],
    ] as const) {
      const jwe = await encryptJwe("hello", { key, algorithm });
      const { plain } = await decryptJwe(jwe, { key: opens, algorithm });
      expect(Buffer.from(plain).toString()).toBe("hello");
    }
  });

  it("refuses with one error what was changed, and another algorithm or cipher", async () => {
    const jwe = await encryptJwe("hello", { key: secret, algorithm: "A256KW" });
    const refusal = { code: "ERR_SECURITY_DECRYPTION", message: "it can't be decrypted" };
    const at = jwe.lastIndexOf(".") - 3;
    const changed = jwe.slice(0, at) + (jwe[at] === "A" ? "B" : "A") + jwe.slice(at + 1);
    for (const [text, algorithm, encryption] of [
      [changed, "A256KW", "A256GCM"],
      [jwe, "dir", "A256GCM"],
      [jwe, "A256KW", "A128CBC-HS256"],
      ["a.b.c.d.e", "A256KW", "A256GCM"],
      ["", "A256KW", "A256GCM"],
    ] as const) {
      await expect(decryptJwe(text, { key: secret, algorithm, encryption })).rejects.toMatchObject(
        refusal,
      );
    }
  });
});
