import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { benchReport } from "../report.mjs";
import { runBench } from "../run-bench.mjs";

function contestant(name: string, values: readonly number[]) {
  const left = [...values];
  return {
    name,
    group: "all",
    answer: async () => "the same",
    measure: async () => ({ value: left.shift() }),
  };
}

/** A bench whose contestants measure what they are given, round by round. */
function bench(ours: readonly number[], rival: readonly number[], bar: object) {
  return {
    title: "Something",
    unit: "calls/s",
    packages: [],
    versions: () => ({ rival: "1.2.3" }),
    contestants: [contestant("ours", ours), contestant("rival", rival)],
    bars: [{ contestant: "ours", against: "rival", ...bar }],
  };
}

const round = (value: number): number[] => [value, value, value, value, value];

beforeEach(() => {
  jest.spyOn(console, "log").mockImplementation(() => {});
  jest.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe("runBench()", () => {
  it("holds the median of the ratios of each round against the bar", async () => {
    const { bars, versions } = await runBench(
      bench([200, 220, 200, 180, 200], round(100), { least: 1.5 }),
      5,
    );
    expect(bars).toEqual([
      {
        what: "ours / rival",
        measured: "200 / 100 calls/s",
        seen: "2.000",
        noise: "0.000",
        wanted: "at least 1.50",
        verdict: "pass",
      },
    ]);
    expect(versions).toEqual({ node: process.versions.node, rival: "1.2.3" });
  });

  it("says that a bar is missed, or missed by less than the noise, and judges differences too", async () => {
    const missed = await runBench(bench(round(100), round(100), { least: 1.5 }), 5);
    expect(missed.bars[0]?.verdict).toBe("miss");
    const drawn = await runBench(bench([80, 99, 99, 130, 130], round(100), { least: 1 }), 5);
    expect(drawn.bars[0]?.verdict).toBe("draw");
    const most = await runBench(bench(round(150), round(100), { mostBeyond: 60 }), 5);
    expect(most.bars[0]).toMatchObject({
      what: "ours - rival",
      seen: "50.0",
      wanted: "at most 60 calls/s",
      verdict: "pass",
    });
  });

  it("gives no verdict after a few rounds, and refuses contestants that do different work", async () => {
    const { bars } = await runBench(bench([100, 100], [100, 100], { least: 9 }), 2);
    expect(bars[0]?.verdict).toBe("no verdict below 5 rounds");
    const unequal = bench([1], [1], { least: 1 });
    Object.assign(unequal.contestants[1] ?? {}, { answer: async () => "less" });
    jest.spyOn(console, "error").mockImplementation(() => {});
    await expect(runBench(unequal, 1)).rejects.toThrow("rival does not do what ours does");
  });
});

describe("benchReport()", () => {
  it("has the date, the machine, each bar with its noise, missed ones marked, failures and versions", async () => {
    const results = [];
    for (const [name, ours] of Object.entries({ quick: 300, slow: 100 })) {
      const run = await runBench(bench(round(ours), round(100), { least: 2 }), 5);
      results.push({ name, title: "Some | thing", rounds: 5, seconds: 90, ...run });
    }
    const failure = "no redis\n    at line 7";
    const rest = { rounds: 5, seconds: 0, versions: {}, bars: [] };
    results.push({ name: "broken", title: "Other", failure, ...rest });
    const text = benchReport(results, new Date(Date.UTC(2030, 0, 2, 3, 4)), "2 × a processor");
    expect(text).toContain("2030-01-02 03:04 UTC, in 3 minutes, on 2 × a processor.");
    expect(text).toContain(
      "2 bars: 1 reached, 1 missed, 0 missed within the noise; 1 benches failed.",
    );
    expect(text).toContain(
      "| ours / rival | 300 / 100 calls/s | 3.000 | ± 0.000 | at least 2.00 | reached |",
    );
    expect(text).toContain(
      "| ours / rival | 100 / 100 calls/s | 1.000 | ± 0.000 | at least 2.00 | **missed** |",
    );
    expect(text).toContain("**Failed**: no redis\n");
    expect(text).not.toContain("line 7");
    expect(text).toContain(`node ${process.versions.node}, rival 1.2.3.`);
  });
});
