// Kills, cuts and freezes, against the built reference app.
//   pnpm faults [scenario...] [--short]
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { runTurbo } from "@infra/scripts/turbo";

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

const rows = [];
for (const name of positionals.length > 0 ? positionals : all) {
  const scenario = await import(join(folder, `${name}.mjs`));
  const started = performance.now();
  let result;
  try {
    result = await scenario.run({ short: values.short });
  } catch (error) {
    result = { ok: false, seen: error.stack };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  rows.push({ name, ...result });
  console.log(
    `${result.ok ? "ok  " : "FAIL"} ${scenario.title} (${seconds} s)\n     ${result.seen}`,
  );
}
const failed = rows.filter((row) => !row.ok).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
