// Runs the whole test suite on several Node.js releases, each taken from the npm registry into
// node_modules/.cache; the system's own Node.js is not touched.
//   node tooling/scripts/node-matrix.mjs [20.19.0 22 24 26]
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const cache = join(root, "node_modules", ".cache", "node-matrix");
const platform = { win32: "win" }[process.platform] ?? process.platform;
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["20.19.0", "22", "24", "26"];
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
  results.push([exact, status === 0 ? "ok" : "FAILED", stdout.trim().split("\n").pop()]);
}
console.log(`\n${results.map((r) => r.join("  ")).join("\n")}`);
process.exitCode = results.every((r) => r[1] === "ok") ? 0 : 1;
