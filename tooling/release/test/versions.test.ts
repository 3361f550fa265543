import { describe, expect, it } from "@jest/globals";

import { askedBumps, unaskedMajors, withDependents, wrongBumps } from "../versions.mjs";

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

describe("withDependents()", () => {
  const packages = [
    { name: "@infra/interfaces", manifest: {} },
    { name: "@infra/errors", manifest: { dependencies: { "@infra/interfaces": "workspace:^" } } },
    { name: "@infra/cache", manifest: { dependencies: { "@infra/errors": "workspace:^" } } },
    { name: "@infra/testing", manifest: { peerDependencies: { "@infra/cache": "workspace:0.x" } } },
    { name: "@infra/di", manifest: { devDependencies: { "@infra/errors": "workspace:*" } } },
  ];

  it("is the package and whoever depends on it, through others too, but not for its development", () => {
    expect(withDependents(packages, "@infra/errors")).toEqual([
      "@infra/errors",
      "@infra/cache",
      "@infra/testing",
    ]);
  });
});

describe("wrongBumps()", () => {
  const expected = ["@infra/cache", "@infra/errors"];
  const errors = { name: "@infra/errors", from: "0.1.9", to: "0.1.10" };
  const cache = { name: "@infra/cache", from: "0.2.0", to: "0.2.1" };
  const di = { name: "@infra/di", from: "0.1.0", to: "0.1.0" };

  it("accepts a patch of exactly those", () => {
    expect(wrongBumps([errors, cache, di], expected)).toEqual([]);
  });

  it("names who was left out, who was bumped without need, and what is no patch", () => {
    const wrong = wrongBumps(
      [
        { ...errors, to: "0.2.0" },
        { ...cache, to: "0.2.0" },
        { ...di, to: "0.1.1" },
      ],
      expected,
    );
    expect(wrong).toEqual([
      "@infra/cache was not bumped",
      "@infra/di was bumped to 0.1.1, and depends on nothing that changed",
      "@infra/errors went from 0.1.9 to 0.2.0, which is no patch",
    ]);
  });
});
