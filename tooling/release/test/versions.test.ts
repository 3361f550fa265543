import { describe, expect, it } from "@jest/globals";

import { askedBumps, unaskedMajors } from "../versions.mjs";

describe("askedBumps()", () => {
  it("reads the front matter of every changeset, and nothing else", () => {
    const changesets = [
      '---\n"@infra/errors": minor\n\'@infra/di\': patch\n---\n\n"@infra/cache": stays as it is.\n',
      '---\n"@infra/di": major\n---\n\nMore.\n',
      "---\n---\n\nNothing.\n",
    ];
    expect(askedBumps(changesets)).toEqual(
      new Map([
        ["@infra/errors", new Set(["minor"])],
        ["@infra/di", new Set(["patch", "major"])],
      ]),
    );
  });
});

describe("unaskedMajors()", () => {
  const asked = new Map([
    ["@infra/di", new Set(["major"])],
    ["@infra/database", new Set(["minor"])],
  ]);

  it("accepts what a changeset asks for", () => {
    const versions = [
      { name: "@infra/di", from: "0.4.1", to: "1.0.0" },
      { name: "@infra/database", from: "0.0.0", to: "0.1.0" },
    ];
    expect(unaskedMajors(versions, asked)).toEqual([]);
  });

  it("refuses a major that only follows from a peer", () => {
    const versions = [{ name: "@infra/database", from: "0.0.0", to: "1.0.0" }];
    expect(unaskedMajors(versions, asked)).toEqual([
      expect.stringContaining("@infra/database would go from 0.0.0 to 1.0.0"),
    ]);
  });
});
