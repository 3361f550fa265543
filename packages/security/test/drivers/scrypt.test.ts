import { describe, expect, it } from "@jest/globals";

import { ScryptAlgorithm } from "../../src/drivers/scrypt.js";

const algorithm = new ScryptAlgorithm({ logN: 11, parallelization: 2 });
const base64 = (hex: string): string =>
  Buffer.from(hex, "hex").toString("base64").replace(/=+$/, "");

const hashOf = (ln: number, p: number): string => `$scrypt$ln=${ln},r=8,p=${p}$c2FsdA$aGFzaA`;

describe("ScryptAlgorithm", () => {
  // RFC 7914, section 12
  it.each([
    [
      "password",
      "NaCl",
      10,
      8,
      16,
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
    ],
    [
      "pleaseletmein",
      "SodiumChloride",
      14,
      8,
      1,
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
    ],
  ])("agrees with RFC 7914 on %s", async (password, salt, ln, r, p, digest) => {
    const hash = `$scrypt$ln=${ln},r=${r},p=${p}$${base64(Buffer.from(salt).toString("hex"))}$${base64(digest)}`;
    expect(algorithm.reads(hash)).toBe(true);
    expect(await algorithm.verify(password, hash)).toBe(true);
    expect(await algorithm.verify(`${password}x`, hash)).toBe(false);
  });

  it("needs a rehash of what has less memory or work", () => {
    expect(algorithm.needsRehash(hashOf(11, 2))).toBe(false);
    expect(algorithm.needsRehash(hashOf(12, 1))).toBe(false);
    expect(algorithm.needsRehash(hashOf(11, 1))).toBe(true);
    expect(algorithm.needsRehash(hashOf(10, 8))).toBe(true);
  });

  it("refuses what is no hash of it, or asks for more than a gigabyte", async () => {
    for (const hash of [
      "$scrypt$ln=10,r=8$c2FsdA$aGFzaA",
      "$scrypt$ln=1e1,r=8,p=1$c2FsdA$aGFzaA",
      "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA",
      "",
      "$scrypt$ln=10,r=8,p=1,__proto__=1$c2FsdA$aGFzaA",
    ]) {
      expect(algorithm.reads(hash)).toBe(false);
      await expect(algorithm.verify("x", hash)).rejects.toMatchObject({
        code: "ERR_SECURITY_UNKNOWN_HASH",
      });
    }
    for (const parameters of [
      "ln=24,r=8,p=1",
      "ln=30,r=1,p=1",
      "ln=0,r=8,p=1",
      "ln=10,r=8,p=9999999",
    ]) {
      const hash = `$scrypt$${parameters}$c2FsdA$aGFzaA`;
      await expect(algorithm.verify("x", hash)).rejects.toMatchObject({
        code: "ERR_SECURITY_UNKNOWN_HASH",
      });
    }
    expect(() => new ScryptAlgorithm({ logN: 22, blockSize: 8 })).toThrow("more than 1 GiB");
    expect(() => new ScryptAlgorithm({ logN: 9 })).toThrow(
      "logN must be a whole number from 10 to 22",
    );
  });
});
