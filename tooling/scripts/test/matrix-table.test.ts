import { describe, expect, it } from "@jest/globals";

import { matrixTable, testCounts, withMatrix } from "../matrix-table.mjs";

describe("testCounts()", () => {
  it("reads the closing line of the whole run, not those of its packages", () => {
    const output =
      "@infra/jobs:test: 3 passed, 1 failed\n\ntests of 2 packages:\n7 passed, 1 failed, 2 skipped\n";
    expect(testCounts(output)).toEqual({ passed: "7", failed: "1", skipped: "2" });
    expect(testCounts("it broke")).toEqual({});
  });
});

describe("matrixTable() and withMatrix()", () => {
  const table = matrixTable(
    [
      { node: "v20.19.0", ok: true, seconds: 61.4, passed: "7", failed: "0", skipped: "2" },
      { node: "v26.1.0", ok: false, seconds: 3 },
    ],
    new Date(Date.UTC(2030, 0, 2)),
  );

  it("has the date and a row for each release, failed ones marked", () => {
    expect(table).toContain("2030-01-02:");
    expect(table).toContain("| v20.19.0 | 7 | 0 | 2 | 61 s | ok |");
    expect(table).toContain("| v26.1.0 | ? | ? | ? | 3 s | **failed** |");
  });

  it("takes the place of the one before, and of nothing else", () => {
    const readme = "# A\n\n<!-- test:nodes -->\n\nold\n\n<!-- /test:nodes -->\n\nB\n";
    const written = withMatrix(readme, table);
    expect(written).toBe(`# A\n\n<!-- test:nodes -->\n\n${table}\n\n<!-- /test:nodes -->\n\nB\n`);
    expect(withMatrix(written, "new")).not.toContain("v26");
    expect(() => withMatrix("# A\n", table)).toThrow("has no <!-- test:nodes -->");
  });
});
