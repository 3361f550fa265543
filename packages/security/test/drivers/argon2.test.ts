import { describe, expect, it } from "@jest/globals";

import { Argon2Algorithm } from "../../src/drivers/argon2.js";

const algorithm = new Argon2Algorithm({ memory: 8192, passes: 2 });

const hashOf = (m: number, t: number): string =>
  `$argon2id$v=19$m=${m},t=${t},p=1$c29tZXNhbHQ$aGFzaA`;

describe("Argon2Algorithm", () => {
  // the tests of the reference implementation
  it.each([
    [
      "password",
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ],
    [
      "password",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ],
    [
      "password",
      "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ],
  ])("verifies %s as the reference implementation hashed it: %s", async (password, hash) => {
    expect(algorithm.reads(hash)).toBe(true);
    expect(await algorithm.verify(password, hash)).toBe(true);
    expect(await algorithm.verify(`${password}x`, hash)).toBe(false);
  });

  it("hashes with OWASP's parameters when nothing is said", async () => {
    expect(await new Argon2Algorithm().hash("x")).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/,
    );
  });

  it("needs a rehash of what has less memory or work", () => {
    expect(algorithm.needsRehash(hashOf(8192, 2))).toBe(false);
    expect(algorithm.needsRehash(hashOf(65_536, 1))).toBe(false);
    expect(algorithm.needsRehash(hashOf(8192, 1))).toBe(true);
    expect(algorithm.needsRehash(hashOf(4096, 9))).toBe(true);
  });

  it("refuses what is no hash of it, or asks for more than a gigabyte", async () => {
    const unknown = { code: "ERR_SECURITY_UNKNOWN_HASH" };
    for (const hash of [
      "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$aGFzaA",
      "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$aGFzaA",
      "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$aGFzaA",
      "",
    ]) {
      expect(algorithm.reads(hash)).toBe(false);
      await expect(algorithm.verify("x", hash)).rejects.toMatchObject(unknown);
    }
    for (const parameters of [
      "m=4294967295,t=1,p=1",
      "m=256,t=4294967295,p=1",
      "m=7,t=1,p=1",
      "m=256,t=0,p=1",
    ]) {
      await expect(
        algorithm.verify("x", `$argon2id$v=19$${parameters}$c29tZXNhbHQ$aGFzaA`),
      ).rejects.toMatchObject(unknown);
    }
    expect(() => new Argon2Algorithm({ memory: 1024 })).toThrow(
      "memory must be a whole number from 7168",
    );
  });
});
