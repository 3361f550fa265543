import { describe, expect, it } from "@jest/globals";

import { zxcvbnStrength } from "../../src/drivers/zxcvbn.js";
import { PasswordPolicy } from "../../src/index.js";

describe("zxcvbnStrength()", () => {
  const strength = zxcvbnStrength();

  it("tells what is easy to guess from what is not", async () => {
    expect((await strength("password123", [])).score).toBeLessThan(2);
    expect((await strength("qwertyuiopasdfg", [])).score).toBeLessThan(3);
    expect((await strength("mole quartz fjord 7", [])).score).toBe(4);
  });

  it("counts what is known of the user against it", async () => {
    const policy = new PasswordPolicy({ minLength: 8 }, { strength });
    const password = "Zyxomga73";
    expect(await policy.check(password)).toEqual([]);
    expect(await policy.check(password, { words: ["zyxomga"] })).toHaveLength(1);
    expect((await strength(password, ["zyxomga"])).score).toBeLessThan(
      (await strength(password, [])).score,
    );
  });
});
