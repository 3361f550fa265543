// Runs benchmarks, all of them when none is named: builds what they measure, lets the contestants of each take turns,
// and holds the medians against the bars.
//   node tooling/benchmarks/bench.mjs [NAME...] [--rounds N]
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { runBench } from "./run-bench.mjs";
import { table } from "./table.mjs";

const all = readdirSync(join(import.meta.dirname, "bench"))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -".mjs".length));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "7" } },
});
const rounds = Number(values.rounds);
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(`usage: pnpm bench [NAME...] [--rounds N], NAME one of: ${all.join(", ")}`);
  process.exit(2);
}

const names = positionals.length > 0 ? positionals : all;
const benches = await Promise.all(names.map((name) => import(`./bench/${name}.mjs`)));
build([...new Set(benches.flatMap(({ packages }) => packages))]);

const bars = [];
let failed = 0;
for (const [at, bench] of benches.entries()) {
  try {
    for (const bar of await runBench(bench, rounds)) bars.push([names[at], ...bar]);
  } catch (error) {
    failed += 1;
    console.error(`${names[at]}: ${error.message}`);
  }
  console.log();
}
if (names.length > 1) table([["bench", "bar", "seen", "wanted", "verdict"], ...bars]);
if (failed > 0 || bars.some((row) => row.at(-1) === "miss")) process.exitCode = 1;

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
