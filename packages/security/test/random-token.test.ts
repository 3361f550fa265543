import { describe, expect, it } from "@jest/globals";

import { constantTimeEqual, randomDigits, randomToken } from "../src/index.js";

describe("randomToken()", () => {
  it("is URL-safe, long, prefixed, and another each time", () => {
    expect(randomToken()).toMatch(/^[\w-]{43}$/);
    expect(randomToken({ bytes: 16, prefix: "sk_" })).toMatch(/^sk_[\w-]{22}$/);
    expect(new Set(Array.from({ length: 1000 }, () => randomToken())).size).toBe(1000);
    expect(() => randomToken({ bytes: 15 })).toThrow("a whole number from 16, got 15");
  });
});

describe("randomDigits()", () => {
  it("has all its digits, zeros at the front too", () => {
    const codes = Array.from({ length: 2000 }, () => randomDigits());
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(codes.some((code) => code.startsWith("0"))).toBe(true);
    expect(randomDigits(14)).toMatch(/^\d{14}$/);
    expect(() => randomDigits(3)).toThrow("from 4 to 14, got 3");
  });
});

describe("constantTimeEqual()", () => {
  it("compares text and bytes of any length", () => {
    expect(constantTimeEqual("grüße", Buffer.from("grüße"))).toBe(true);
    expect(constantTimeEqual("", "")).toBe(true);
    for (const other of ["", "a", "abd", "abcd"])
      expect(constantTimeEqual("abc", other)).toBe(false);
  });
});
