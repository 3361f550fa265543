import { createPrivateKey, createPublicKey } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { hkdf } from "../src/index.js";
import { hmac, isEd25519, isHmac, signEd25519 } from "../src/mac.js";
import { hex, readVectors, type Vector } from "./vectors.js";

const vectors = readVectors<Record<"hkdf" | "hmac" | "ed25519", readonly Vector[]>>("mac");
const each = (name: keyof typeof vectors) =>
  vectors[name].map((vector) => [vector.source, vector] as const);

describe("hmac()", () => {
  it.each(each("hmac"))("agrees with %s", (_source, vector) => {
    for (const hash of ["sha256", "sha384", "sha512"] as const) {
      const code = hmac(hex(vector["key"]), hex(vector["data"]), hash);
      expect(code.toString("hex")).toBe(vector[hash]);
    }
    expect(isHmac(hex(vector["key"]), hex(vector["data"]), hex(vector["sha256"]))).toBe(true);
  });

  it("isHmac() refuses a code that was cut short", () => {
    const code = hmac("key", "data");
    expect(isHmac("key", "data", code.subarray(0, 31))).toBe(false);
    expect(isHmac("key", "data", Buffer.alloc(0))).toBe(false);
  });
});

describe("signEd25519()", () => {
  it.each(each("ed25519"))("agrees with %s", (_source, vector) => {
    const x = hex(vector["public"]).toString("base64url");
    const d = hex(vector["seed"]).toString("base64url");
    const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x, d }, format: "jwk" });
    const message = hex(vector["message"]);
    const signature = signEd25519(key, message);
    expect(signature.toString("hex")).toBe(vector["signature"]);
    expect(isEd25519(createPublicKey(key), message, signature)).toBe(true);
    expect(isEd25519(createPublicKey(key), message, Buffer.from(signature).fill(0, 0, 1))).toBe(
      false,
    );
  });
});

describe("hkdf()", () => {
  it.each(each("hkdf"))("agrees with %s", (_source, vector) => {
    const key = hkdf(hex(vector["secret"]), {
      info: hex(vector["info"]),
      salt: hex(vector["salt"]),
      length: hex(vector["key"]).length,
    });
    expect(key.toString("hex")).toBe(vector["key"]);
  });

  it("gives 32 bytes, others for other words", () => {
    expect(hkdf("secret", { info: "a" })).toHaveLength(32);
    expect(hkdf("secret", { info: "a" })).not.toEqual(hkdf("secret", { info: "b" }));
    expect(() => hkdf("", { info: "a" })).toThrow(RangeError);
  });
});
