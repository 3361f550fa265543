import { describe, expect, it } from "@jest/globals";

import { faultsReport } from "../report.mjs";

describe("faultsReport()", () => {
  const text = faultsReport(
    [
      {
        name: "kill",
        title: "a kill loses nothing",
        ok: true,
        seen: "0 of 100 | lost",
        seconds: 61.2,
      },
      {
        name: "cut",
        title: "a cut is seen",
        ok: false,
        seen: "Error: not seen\n    at /somewhere/on/this/machine.mjs:7",
        seconds: 3,
      },
    ],
    {
      date: new Date(Date.UTC(2030, 0, 2, 3, 4)),
      machine: "2 × a processor",
      versions: { node: "20.0.0" },
    },
  );

  it("has the date, the machine and the count", () => {
    expect(text).toContain("2030-01-02 03:04 UTC, in 1 min 4 s, on 2 × a processor; node 20.0.0.");
    expect(text).toContain("2 scenarios: 1 passed, 1 failed.");
  });

  it("has a row for each, failures marked, and no path of the machine", () => {
    expect(text).toContain("| `kill` | a kill loses nothing | passed | 0 of 100 \\| lost | 61 s |");
    expect(text).toContain("| `cut` | a cut is seen | **failed** | Error: not seen | 3 s |");
    expect(text).not.toContain("/somewhere");
  });
});
