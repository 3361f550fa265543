import { describe, expect, it } from "@jest/globals";

import { formatBytes, formatTable, rehearsalTable } from "../table.mjs";

describe("formatBytes()", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1500, "1.5 kB"],
    [23_400_000, "23.4 MB"],
  ])("writes %i as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatTable()", () => {
  it("aligns the first two columns to the left and the others to the right", () => {
    const rows = [
      ["name", "version", "size"],
      ["a", "1.0.0", 5],
      ["longer", "1", 1000],
    ];
    expect(formatTable(rows).split("\n")).toEqual([
      "name    version  size",
      "------  -------  ----",
      "a       1.0.0       5",
      "longer  1        1000",
    ]);
  });
});

describe("rehearsalTable()", () => {
  it("leaves empty what a package that failed never came to", () => {
    const works = {
      name: "@infra/a",
      version: "0.1.0",
      installed: 2,
      outside: [],
      allowed: 3,
      bytes: 1500,
      importMs: 4.26,
      usageBlocks: 1,
      problems: [],
    };
    const fails = { name: "@infra/b", version: "0.1.0", problems: ["npm install: 404"] };
    const [, , first, second] = rehearsalTable([works, fails]).split("\n");
    expect(first.split(/ {2,}/)).toEqual([
      "@infra/a",
      "0.1.0",
      "2",
      "0",
      "3",
      "1.5 kB",
      "4.3 ms",
      "1 ran",
      "ok",
    ]);
    expect(second.split(/ {2,}/)).toEqual(["@infra/b", "0.1.0", "FAILED"]);
  });
});
