// Runs benchmarks: builds what they measure, lets the contestants of each take turns, and holds the medians against the
// bars. When none is named it runs all of them, in fewer rounds (some 25 minutes), and writes REPORT.md.
//   node tooling/benchmarks/bench.mjs [NAME...] [--rounds N]
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { machineName } from "@infra/scripts/machine";

import { benchReport } from "./report.mjs";
import { barCells, runBench } from "./run-bench.mjs";
import { table } from "./table.mjs";

const all = readdirSync(join(import.meta.dirname, "bench"))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -".mjs".length));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" } },
});
const whole = positionals.length === 0;
const rounds = Number(values.rounds ?? (whole ? 5 : 7));
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(`usage: pnpm bench [NAME...] [--rounds N], NAME one of: ${all.join(", ")}`);
  process.exit(2);
}

const names = whole ? all : positionals;
const benches = await Promise.all(names.map((name) => import(`./bench/${name}.mjs`)));
build([...new Set(benches.flatMap(({ packages }) => packages))]);

const date = new Date();
const results = [];
for (const [at, bench] of benches.entries()) {
  const startMs = performance.now();
  const result = { name: names[at], title: bench.title, rounds, versions: {}, bars: [] };
  try {
    Object.assign(result, await runBench(bench, rounds));
  } catch (error) {
    result.failure = error.message;
    console.error(`${names[at]}: ${error.message}`);
  }
  results.push({ ...result, seconds: (performance.now() - startMs) / 1000 });
  console.log();
}

const bars = results.flatMap(({ name, bars: own }) => own.map((bar) => ({ name, ...bar })));
if (names.length > 1) {
  const rows = bars.map((bar) => [bar.name, ...barCells(bar)]);
  table([["bench", "bar", "seen", "wanted", "verdict"], ...rows]);
}
if (whole) {
  const file = join(import.meta.dirname, "REPORT.md");
  writeFileSync(file, benchReport(results, date, machineName()));
  console.log(`\nwritten: ${file}`);
}
const failed = results.some(({ failure }) => failure !== undefined);
if (failed || bars.some(({ verdict }) => verdict === "miss")) process.exitCode = 1;

function build(packages) {
  const turbo = join(import.meta.dirname, "..", "scripts", "turbo.mjs");
  const filters = packages.map((each) => `--filter=${each}...`);
  const { status } = spawnSync(
    process.execPath,
    [turbo, "build", ...filters, "--output-logs=errors-only"],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0) process.exit(1);
}
