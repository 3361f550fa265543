import { describe, expect, it } from "@jest/globals";

import { withDependencies } from "../workspace.mjs";

const named = (name: string, manifest: object) => ({ name, folder: name, manifest });

describe("withDependencies()", () => {
  const packages = [
    named("@infra/errors", {}),
    named("@infra/utils", {}),
    named("@infra/files", { peerDependencies: { "@infra/errors": "workspace:^" } }),
    named("@infra/cache", { dependencies: { keyv: "5", "@infra/files": "workspace:^" } }),
  ];

  it("adds what the named packages stand on, in the order of all", () => {
    const found = withDependencies(packages, ["@infra/cache"]);
    expect(found.map(({ name }) => name)).toEqual([
      "@infra/errors",
      "@infra/files",
      "@infra/cache",
    ]);
  });

  it("ends on packages that develop against each other", () => {
    const ring = [
      named("@infra/a", { dependencies: { "@infra/b": "workspace:^" } }),
      named("@infra/b", { devDependencies: { "@infra/a": "workspace:*" } }),
    ];
    expect(withDependencies(ring, ["@infra/a"])).toEqual(ring);
  });
});
