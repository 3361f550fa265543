import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { decodeBase32, encodeBase32 } from "../src/base32.js";
import { findRecoveryCode, generateRecoveryCodes, hotp, Totp } from "../src/index.js";

const seed = "12345678901234567890";
const secret = encodeBase32(Buffer.from(seed));

function totpAt(seconds: number, options: object = {}): Totp {
  const clock = new ManualClock();
  clock.set(seconds * 1000);
  return new Totp({ issuer: "Shop", ...options }, { clock });
}

describe("hotp()", () => {
  // RFC 4226, appendix D
  it.each(
    [
      "755224",
      "287082",
      "359152",
      "969429",
      "338314",
      "254676",
      "287922",
      "162583",
      "399871",
      "520489",
    ].map((code, counter) => [counter, code] as const),
  )("counter %i gives %s", (counter, code) => {
    expect(hotp(Buffer.from(seed), counter)).toBe(code);
  });
});

describe("Totp", () => {
  const seeds = {
    sha1: seed,
    sha256: seed.repeat(2).slice(0, 32),
    sha512: seed.repeat(4).slice(0, 64),
  } as const;

  // RFC 6238, appendix B
  it.each([
    [59, "94287082", "46119246", "90693936"],
    [1_111_111_109, "07081804", "68084774", "25091201"],
    [1_111_111_111, "14050471", "67062674", "99943326"],
    [1_234_567_890, "89005924", "91819424", "93441116"],
    [2_000_000_000, "69279037", "90698825", "38618901"],
    [20_000_000_000, "65353130", "77737706", "47863826"],
  ])("agrees with RFC 6238 at %i s", (seconds, sha1, sha256, sha512) => {
    for (const [algorithm, code] of Object.entries({ sha1, sha256, sha512 })) {
      const totp = totpAt(seconds, { digits: 8, algorithm });
      const base32 = encodeBase32(Buffer.from(seeds[algorithm as keyof typeof seeds]));
      expect(totp.code(base32)).toBe(code);
      expect(totp.verify(base32, code)).toBe(Math.floor(seconds / 30));
    }
  });

  it("takes the code before and after, no other, and says which it was", () => {
    const codes = [-60, -30, 0, 30, 60].map((off) => totpAt(3000 + off).code(secret));
    const totp = totpAt(3000);
    expect(codes.map((code) => totp.verify(secret, code))).toEqual([
      undefined,
      99,
      100,
      101,
      undefined,
    ]);
    expect(totpAt(3000, { window: 0 }).verify(secret, codes[1]!)).toBeUndefined();
    expect(totp.verify(secret, ` ${codes[2]!.slice(0, 3)} ${codes[2]!.slice(3)}`)).toBe(100);
    for (const wrong of ["", "12345", "1234567", "abcdef", codes[2]!.slice(1)]) {
      expect(totp.verify(secret, wrong)).toBeUndefined();
    }
    expect(totpAt(0).verify(secret, "")).toBeUndefined();
  });

  it("takes a code once when it is told the step of the last", () => {
    const totp = totpAt(3000);
    const step = totp.verify(secret, totp.code(secret));
    expect(totp.verify(secret, totp.code(secret), { after: step })).toBeUndefined();
    expect(totp.verify(secret, totpAt(3030).code(secret), { after: step })).toBe(101);
    expect(totp.verify(secret, totpAt(2970).code(secret), { after: step })).toBeUndefined();
  });

  it("makes secrets of 160 bits and addresses for the app", () => {
    const totp = totpAt(0);
    const made = totp.generateSecret();
    expect(made).toMatch(/^[A-Z2-7]{32}$/);
    expect(totp.generateSecret()).not.toBe(made);
    expect(totp.uri(made, "ada@example.com")).toBe(
      `otpauth://totp/Shop:ada%40example.com?secret=${made}&issuer=Shop&algorithm=SHA1&digits=6&period=30`,
    );
  });

  it("refuses what is no secret, without quoting it, and options out of range", () => {
    expect(() => totpAt(0).code("SHORT")).toThrow("secret must be base32 of at least 10 bytes");
    expect(() => totpAt(0).code("not base 32!")).not.toThrow("not base");
    expect(() => totpAt(0, { digits: 4 })).toThrow(
      "Totp: digits must be a whole number from 6 to 8, got 4",
    );
    expect(() => totpAt(0, { issuer: "" })).toThrow("issuer");
  });
});

describe("base32", () => {
  // RFC 4648, section 10, without the padding
  it.each([
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ])("of %j is %j and back, in any spelling", (text, base32) => {
    expect(encodeBase32(Buffer.from(text))).toBe(base32);
    expect(decodeBase32(base32)?.toString()).toBe(text);
    expect(decodeBase32(`${base32.toLowerCase().replace(/(.{4})/g, "$1 ")}===`)?.toString()).toBe(
      text,
    );
  });
});

describe("recovery codes", () => {
  it("are found by their hashes, in any spelling, and nothing else is", () => {
    const { codes, hashes } = generateRecoveryCodes();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const [at, code] of codes.entries()) {
      expect(code).toMatch(/^([a-z2-7]{4}-){5}[a-z2-7]{4}$/);
      expect(findRecoveryCode(code, hashes)).toBe(at);
      expect(findRecoveryCode(` ${code.toUpperCase().replaceAll("-", "")}`, hashes)).toBe(at);
    }
    expect(findRecoveryCode(codes[0]!, hashes.slice(1))).toBeUndefined();
    for (const wrong of ["", hashes[0]!, generateRecoveryCodes(1).codes[0]!]) {
      expect(findRecoveryCode(wrong, hashes)).toBeUndefined();
    }
    expect(hashes.join(" ")).not.toContain(codes[0]!.slice(0, 4));
    expect(() => generateRecoveryCodes(0)).toThrow(RangeError);
  });
});
