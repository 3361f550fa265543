import { describe, expect, it } from "@jest/globals";
import bcrypt from "bcrypt";

import { BcryptAlgorithm, measureBcryptCost } from "../../src/drivers/bcrypt.js";

const algorithm = new BcryptAlgorithm({ cost: 10 });

describe("BcryptAlgorithm", () => {
  // from passlib's documentation and tests
  it.each([
    [
      "password",
      "$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS",
    ],
    ["", "$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe"],
    [
      "password",
      "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
    ],
  ])("verifies %j as passlib hashed it", async (password, hash) => {
    expect(await algorithm.verify(password, hash)).toBe(true);
    expect(await algorithm.verify(`${password}x`, hash)).toBe(false);
  });

  it("hashes in passlib's format", async () => {
    const hash = await algorithm.hash("password");
    expect(hash).toMatch(/^\$bcrypt-sha256\$v=2,t=2b,r=10\$[./\w]{22}\$[./\w]{31}$/);
    expect(await algorithm.verify("password", hash)).toBe(true);
  });

  it("Trap: a 73rd byte counts, unlike with bcrypt alone", async () => {
    const [right, wrong] = [`${"a".repeat(72)}b`, `${"a".repeat(72)}c`];
    expect(await algorithm.verify(wrong, await algorithm.hash(right))).toBe(false);
    // what bcrypt made alone is verified as it does, and is to be replaced
    const plain = await bcrypt.hash(right, 10);
    expect(await algorithm.verify(right, plain)).toBe(true);
    expect(await algorithm.verify(wrong, plain)).toBe(true);
    expect(algorithm.needsRehash(plain)).toBe(true);
  });

  it.each(["2a", "2b", "2y"])("verifies $%s$, whoever made it", async (version) => {
    const hash = (await bcrypt.hash("password", 4)).replace("$2b$", `$${version}$`);
    expect(algorithm.reads(hash)).toBe(true);
    expect(await algorithm.verify("password", hash)).toBe(true);
    expect(await algorithm.verify("passwore", hash)).toBe(false);
  });

  it("needs a rehash of what is cheaper, not of what is dearer", async () => {
    const hash = await algorithm.hash("x");
    expect(new BcryptAlgorithm({ cost: 11 }).needsRehash(hash)).toBe(true);
    expect(algorithm.needsRehash(hash.replace("r=10", "r=11"))).toBe(false);
  });

  it("refuses costs beyond all reason, its own and those of a hash", async () => {
    expect(() => new BcryptAlgorithm({ cost: 9 })).toThrow(
      "bcrypt: cost must be a whole number from 10 to 17, got 9",
    );
    const endless = `$bcrypt-sha256$v=2,t=2b,r=31$${"a".repeat(22)}$${"a".repeat(31)}`;
    await expect(algorithm.verify("x", endless)).rejects.toMatchObject({
      code: "ERR_SECURITY_UNKNOWN_HASH",
    });
    await expect(algorithm.verify("x", "$2b$31$short")).rejects.toMatchObject({
      code: "ERR_SECURITY_UNKNOWN_HASH",
    });
  });
});

describe("measureBcryptCost()", () => {
  it("gives the cost that fits the time, 10 at least and 17 at most", async () => {
    expect(await measureBcryptCost(0.001)).toBe(10);
    expect(await measureBcryptCost(1e9)).toBe(17);
    expect([10, 11, 12, 13, 14]).toContain(await measureBcryptCost(250));
  });
});
