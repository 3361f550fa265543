import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { packageProblems } from "@infra/check/package-rules";
import { afterAll, describe, expect, it } from "@jest/globals";

import { packageFiles } from "../package-files.mjs";

const folder = mkdtempSync(join(tmpdir(), "infra-new-package-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("packageFiles()", () => {
  it("makes a package that the layout check accepts", () => {
    const files = packageFiles("embedded-postgres", "A package for the test.");
    for (const [path, content] of Object.entries<string>(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    expect(packageProblems(folder, "embedded-postgres")).toEqual([]);
    expect(files["README.md"]).toContain("ERR_EMBEDDED_POSTGRES_INVALID_NAME");
    expect(files["src/errors.ts"]).toContain("InvalidEmbeddedPostgresNameError");
  });
});
