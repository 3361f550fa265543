import type { Logger } from "@infra/interfaces";
import { silentLogger } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { effectiveLength } from "../src/effective-length.js";
import { PasswordList, PasswordPolicy, type PwnedPasswords } from "../src/index.js";

const good = "mole quartz fjord 7";

async function codeOf(
  policy: PasswordPolicy,
  password: string,
  words?: string[],
): Promise<unknown> {
  const issues = await policy.check(password, words && { words });
  for (const { path } of issues) expect(path).toEqual(["password"]);
  return issues[0]?.code;
}

describe("PasswordPolicy", () => {
  it.each([
    [good, undefined],
    ["パスワードではない長い日本語の文章", undefined],
    ["14 characters.", "too_short"],
    ["🔑🗝️🚪", "too_short"],
    ["x7 ".repeat(90), "too_long"],
    ["aaaaaaaaaaaaaaaaaaaa", "too_easy"],
    ["abcdefghijklmnopqrstuvwxyz", "too_easy"],
    ["9876543210987654321", "too_easy"],
    ["qwerqwerqwerqwerqwer", "too_easy"],
  ])("%j: %s", async (password, code) => {
    expect(await codeOf(new PasswordPolicy(), password)).toBe(code);
  });

  it("counts characters as people do: after NFC, by code point", async () => {
    // fourteen of them, of two code units each
    expect(await codeOf(new PasswordPolicy(), "🔑🐎🔋📎🎈🎲🧲🪁🥝🌵🦔🎺🛶🧩")).toBe("too_short");
    expect(await codeOf(new PasswordPolicy(), "🔑🐎🔋📎🎈🎲🧲🪁🥝🌵🦔🎺🛶🧩🪀")).toBeUndefined();
    expect(
      await codeOf(new PasswordPolicy(), "e\u0301u\u0308o\u0308a\u0300n\u0303i\u0302c\u0327y"),
    ).toBe("too_short");
  });

  it("does not take what is made of words that everybody tries", async () => {
    const policy = new PasswordPolicy({ words: ["BikeShop"] });
    const words = ["Ada Lovelace", "ada.lovelace@example.com"];
    expect(await codeOf(policy, "ada.lovelace@example.com", words)).toBe("too_easy");
    expect(await codeOf(policy, "lovelaceLOVELACE1815", words)).toBe("too_easy");
    expect(await codeOf(policy, "bikeshopbikeshop2026", words)).toBe("too_easy");
    expect(await codeOf(policy, `bikeshop ${good}`, words)).toBeUndefined();
  });

  it("asks for 8 characters where there is a second factor, and never for less", async () => {
    expect(await codeOf(new PasswordPolicy({ minLength: 8 }), "u7 kp!dz")).toBeUndefined();
    expect(() => new PasswordPolicy({ minLength: 7 })).toThrow(
      "minLength must be a whole number from 8 to 64, got 7",
    );
    expect(() => new PasswordPolicy({ maxLength: 63 })).toThrow(
      "maxLength must be a whole number from 64",
    );
  });

  it("asks for the strength, with all the words", async () => {
    const asked: unknown[] = [];
    const policy = new PasswordPolicy(
      { words: ["shop"] },
      {
        strength: async (password, words) => {
          asked.push([password, words]);
          return { score: 2, warning: "common" };
        },
      },
    );
    expect(await policy.check(good, { words: ["ada"] })).toEqual([
      { path: ["password"], code: "too_easy", message: "is too easy to guess: common" },
    ]);
    expect(asked).toEqual([[good, ["shop", "ada"]]]);
    const lenient = new PasswordPolicy({ minScore: 2 }, { strength: async () => ({ score: 2 }) });
    expect(await codeOf(lenient, good)).toBeUndefined();
  });

  it("refuses what is known from a breach", async () => {
    const pwned = new PasswordList([good.toUpperCase(), "cafe\u0301 au lait 1234567"]);
    const policy = new PasswordPolicy({}, { pwned });
    expect(await codeOf(policy, good)).toBe("pwned");
    expect(await codeOf(policy, "CAF\u00C9 au lait 1234567")).toBe("pwned");
    expect(await codeOf(policy, `${good}!`)).toBeUndefined();
  });

  it("takes a password, with a warning, while the list can't be asked; or fails, as it is told", async () => {
    const pwned: PwnedPasswords = { count: () => Promise.reject(new Error("down")) };
    const warnings: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (message: string) => void warnings.push(message),
    };
    expect(await codeOf(new PasswordPolicy({}, { pwned, logger }), good)).toBeUndefined();
    expect(warnings).toEqual(["a password was not looked up among the pwned ones"]);
    const strict = new PasswordPolicy({ pwnedUnavailable: "throw" }, { pwned });
    await expect(strict.check(good)).rejects.toThrow("down");
    const signal = AbortSignal.abort(new Error("gone"));
    const asking: PwnedPasswords = {
      count: (_password, options) => Promise.reject(options?.signal?.reason),
    };
    await expect(new PasswordPolicy({}, { pwned: asking }).check(good, { signal })).rejects.toThrow(
      "gone",
    );
  });

  it(".assert() throws what is wrong, and not the password", async () => {
    const policy = new PasswordPolicy();
    await policy.assert(good);
    await expect(policy.assert("short one")).rejects.toMatchObject({
      code: "ERR_SECURITY_PASSWORD_REFUSED",
      status: 400,
      message: "the password must have at least 15 characters",
      details: { issues: [{ path: ["password"], code: "too_short" }] },
    });
    await expect(policy.assert("short one")).rejects.not.toThrow("short one");
  });
});

describe("effectiveLength()", () => {
  it.each([
    ["", 0],
    ["a", 1],
    ["aab", 1],
    ["acbd", 3],
    ["xyxyxyxy", 1],
    ["password", 7],
  ])("of %j is %i", (password, length) => {
    expect(effectiveLength(password, [])).toBe(length);
  });
});
