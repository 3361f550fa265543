import { describe, expect, it } from "@jest/globals";

import { CategoryLevels } from "../src/category-levels.js";

describe("CategoryLevels", () => {
  it("gives a category without a level that of the nearest above it", () => {
    const levels = new CategoryLevels("info", ["a=debug", " a.b.c=silent "]);
    expect(
      ["a", "a.b", "a.b.c", "a.b.c.d", "ab", undefined].map((name) => levels.get(name)),
    ).toEqual(["debug", "debug", "silent", "silent", "info", "info"]);
  });

  it("has a new version after each change", () => {
    const levels = new CategoryLevels("info", []);
    const versions = new Set([levels.version]);
    levels.set("debug");
    versions.add(levels.version);
    levels.set("debug", "a");
    versions.add(levels.version);
    levels.reset("a");
    versions.add(levels.version);
    expect(versions.size).toBe(4);
  });

  it("refuses what is no level", () => {
    expect(() => new CategoryLevels("info", ["a=loud"])).toThrow('got "a=loud"');
    expect(() => new CategoryLevels("info", ["a"])).toThrow('"<category>=<level>"; got "a"');
  });
});
