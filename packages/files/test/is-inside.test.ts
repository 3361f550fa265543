import { posix, win32 } from "node:path";

import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { isInside } from "../src/index.js";

describe("isInside()", () => {
  it("knows a directory from one whose name begins alike", () => {
    expect(isInside("/srv/data", "/srv/data", posix)).toBe(true);
    expect(isInside("/srv/data", "/srv/data/a", posix)).toBe(true);
    expect(isInside("/srv/data", "/srv/database", posix)).toBe(false);
    expect(isInside("/srv/data", "/srv/data-old/a", posix)).toBe(false);
    expect(isInside("/srv/data", "/srv", posix)).toBe(false);
    expect(isInside("/", "/etc", posix)).toBe(true);
  });

  it("knows a name that begins with two dots from the way up", () => {
    expect(isInside("/srv", "/srv/..a", posix)).toBe(true);
    expect(isInside("/srv", "/srv/...", posix)).toBe(true);
    expect(isInside("/srv", "/srv/../a", posix)).toBe(false);
  });

  it("minds drives, shares and case on Windows", () => {
    expect(isInside("C:\\srv", "c:\\SRV\\a", win32)).toBe(true);
    expect(isInside("C:\\srv", "D:\\srv\\a", win32)).toBe(false);
    expect(isInside("C:\\srv", "C:\\srv2", win32)).toBe(false);
    expect(isInside("C:\\srv", "C:\\srv/../x", win32)).toBe(false);
    expect(isInside("C:\\srv", "\\\\host\\share\\srv", win32)).toBe(false);
  });

  it.each([
    ["posix", posix],
    ["win32", win32],
  ])("agrees with counting the steps of a path (%s)", (_name, path) => {
    const step = fc.constantFrom("a", "b", "..", ".", "..a", "a..");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const root = path.resolve("/r/o/o/t");
        // the names that are left when every ".." has taken one away
        const left = ["r", "o", "o", "t"];
        for (const each of steps) {
          if (each === "..") left.pop();
          else if (each !== ".") left.push(each);
        }
        const expected = left.slice(0, 4).join("/") === "r/o/o/t";
        expect(isInside(root, path.resolve(root, ...steps), path)).toBe(expected);
      }),
    );
  });
});
