import { describe, expect, it } from "@jest/globals";

import { tarballProblems } from "../tarball.mjs";

const files = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "dist/index.js"];
const manifest = {
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  dependencies: { "@infra/errors": "^0.1.0", keyv: "^5.0.0" },
};

describe("tarballProblems()", () => {
  it("accepts a published package", () => {
    expect(tarballProblems(files, manifest)).toEqual([]);
  });

  it.each(["README.md", "LICENSE", "CHANGELOG.md"])("misses %s", (missing) => {
    const rest = files.filter((file) => file !== missing);
    expect(tarballProblems(rest, manifest)).toEqual([`${missing} is missing`]);
  });

  it.each([
    "test/readme.test.ts",
    "src/queue.test.ts",
    "node_modules/keyv/index.js",
    "test-results/summary.json",
    ".turbo/log",
    ".env",
    "dist/tsconfig.tsbuildinfo",
  ])("refuses %s", (file) => {
    expect(tarballProblems([...files, file], manifest)).toEqual([`${file} does not belong in it`]);
  });

  it("accepts sources whose names only begin alike", () => {
    expect(tarballProblems([...files, "src/testing.ts", "dist/environment.js"], manifest)).toEqual(
      [],
    );
  });

  it("refuses what only the workspace understands", () => {
    const problems = tarballProblems(files, {
      exports: { ".": { "@infra/source": "./src/index.ts", default: "./dist/index.js" } },
      dependencies: { "@infra/errors": "workspace:^" },
      peerDependencies: { pg: "catalog:" },
    });
    expect(problems).toEqual([
      "exports still has the condition @infra/source",
      "@infra/errors is asked for as workspace:^",
      "pg is asked for as catalog:",
    ]);
  });
});
