import { describe, expect, it } from "@jest/globals";

import { InvalidKeyError } from "../src/index.js";
import { filePath } from "../src/local/file-path.js";
import { keyPrefix, objectKey } from "../src/object-key.js";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("objectKey()", () => {
  it.each([
    ["a/b.txt", "a/b.txt"],
    ["/a//b/", "a/b"],
    ["a\\b", "a/b"],
    ["Cafe\u0301", "Café"],
    ["...", "..."],
    [".env/..x", ".env/..x"],
    ["a".repeat(1024), "a".repeat(1024)],
  ])("normalises %j", (key, expected) => {
    expect(objectKey(key)).toBe(expected);
  });

  it.each([
    "",
    "/",
    "..",
    "../a",
    "a/../b",
    "a/..",
    "./a",
    "a/./b",
    "..\\..\\etc\\passwd",
    "a\0b",
    "a\nb",
    "a\u007f",
    "a\u0085",
    "a\u2028b",
    "\ud800",
    "a".repeat(1025),
    "ä".repeat(513),
  ])("refuses %j", (key) => {
    expect(InvalidKeyError.is(thrownBy(() => objectKey(key)))).toBe(true);
  });

  it("names what is no text at all", () => {
    expect(() => objectKey(7 as never, "fileId")).toThrow(
      new TypeError("fileId must be a string, got number"),
    );
  });
});

describe("keyPrefix()", () => {
  it.each([
    ["", ""],
    ["a/", "a/"],
    ["/a//b", "a/b"],
    ["a/.h", "a/.h"],
    ["a/.", "a/."],
  ])("normalises %j", (prefix, expected) => {
    expect(keyPrefix(prefix)).toBe(expected);
  });

  it.each(["../", "a/../b", "a\0"])("refuses %j", (prefix) => {
    expect(InvalidKeyError.is(thrownBy(() => keyPrefix(prefix)))).toBe(true);
  });
});

describe("filePath()", () => {
  it.each([".infra/meta/x", ".INFRA", `a/${"b".repeat(256)}`])("refuses %j", (key) => {
    expect(InvalidKeyError.is(thrownBy(() => filePath(key)))).toBe(true);
  });

  it.each(["a:b", "a/con", "NUL.txt", "a.", "b ", "x|y", "*"])(
    "refuses %j on Windows only",
    (key) => {
      expect(filePath(key, "linux")).toBe(key);
      expect(() => filePath(key, "win32")).toThrow("Windows");
    },
  );
});
