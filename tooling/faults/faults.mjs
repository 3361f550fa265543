// Kills, cuts and freezes, against the built packages and the reference app. When no scenario is named it runs all of them,
// short, in less than ten minutes, and writes REPORT.md.
//   pnpm faults [scenario...] [--short]
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { machineName } from "@infra/scripts/machine";
import { runTurbo } from "@infra/scripts/turbo";

import { faultsReport } from "./report.mjs";

const folder = join(import.meta.dirname, "scenarios");
const all = readdirSync(folder).map((file) => file.replace(/\.mjs$/, ""));
const { values, positionals } = parseArgs({
  options: { short: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`faults: no scenario ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(1);
}
const built = runTurbo([
  "build",
  "template",
  "--filter=@infra/faults...",
  "--output-logs=errors-only",
]);
if (built !== 0) process.exit(built);

const whole = positionals.length === 0;
const date = new Date();
const rows = [];
for (const name of whole ? all : positionals) {
  const scenario = await import(join(folder, `${name}.mjs`));
  const started = performance.now();
  let result;
  try {
    result = await scenario.run({ short: values.short || whole });
  } catch (error) {
    result = { ok: false, seen: error.stack };
  }
  const seconds = (performance.now() - started) / 1000;
  rows.push({ name, title: scenario.title, seconds, ...result });
  console.log(
    `${result.ok ? "ok  " : "FAIL"} ${scenario.title} (${seconds.toFixed(1)} s)\n     ${result.seen}`,
  );
}
if (whole) {
  const file = join(import.meta.dirname, "REPORT.md");
  const versions = { node: process.versions.node };
  writeFileSync(file, faultsReport(rows, { date, machine: machineName(), versions }));
  console.log(`written: ${file}`);
}
const failed = rows.filter((row) => !row.ok).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
