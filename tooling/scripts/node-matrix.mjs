// Runs the whole test suite on several Node.js releases, each taken from the npm registry into
// node_modules/.cache; the system's own Node.js is not touched. Prints a table; --write puts it into the README.
//   node tooling/scripts/node-matrix.mjs [20.19.0 22 24 26] [--write]
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";

import { matrixTable, testCounts, withMatrix } from "./matrix-table.mjs";

const root = join(import.meta.dirname, "..", "..");
const cache = join(root, "node_modules", ".cache", "node-matrix");
const platform = { win32: "win" }[process.platform] ?? process.platform;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
const wanted = positionals.length > 0 ? positionals : ["20.19.0", "22", "24", "26"];
const results = [];

for (const version of wanted) {
  const folder = join(cache, version);
  const bin = join(folder, "node_modules", "node", "bin");
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    execFileSync(
      "npm",
      [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--force",
        `node@npm:node-${platform}-${process.arch}@${version}`,
      ],
      { cwd: folder, stdio: "inherit", shell: process.platform === "win32" },
    );
  }
  const exact = execFileSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).trim();
  console.log(`\n--- Node.js ${exact}`);
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    INFRA_NODE: exact,
    TURBO_TELEMETRY_DISABLED: "1",
  };
  const startMs = performance.now();
  const { status, stdout } = spawnSync(
    join(bin, "node"),
    [
      join(import.meta.dirname, "turbo.mjs"),
      "build",
      "test",
      "--continue",
      "--output-logs=errors-only",
    ],
    { cwd: root, env, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" },
  );
  process.stdout.write(stdout);
  const seconds = (performance.now() - startMs) / 1000;
  results.push({ node: exact, ok: status === 0, seconds, ...testCounts(stdout) });
}
const table = matrixTable(results, new Date());
console.log(`\n${table}`);
if (values.write) {
  const readme = join(root, "README.md");
  writeFileSync(readme, withMatrix(readFileSync(readme, "utf8"), table));
  execFileSync(join(root, "node_modules", ".bin", "oxfmt"), [readme], { cwd: root });
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
