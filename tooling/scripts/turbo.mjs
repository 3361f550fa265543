// Runs turbo with telemetry off, from any shell; after tests, prints the total on the last line.
//   node tooling/scripts/turbo.mjs TASK... [turbo's options]
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const turbo = createRequire(join(root, "package.json")).resolve("turbo/bin/turbo");

/** Runs turbo and returns its exit status. */
export function runTurbo(args, { stdio = "inherit" } = {}) {
  const { status } = spawnSync(process.execPath, [turbo, "run", ...args], {
    cwd: root,
    stdio,
    env: {
      ...process.env,
      // turbo calls the package manager by name
      PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
      TURBO_TELEMETRY_DISABLED: "1",
    },
  });
  return status ?? 1;
}

function testSummaries() {
  return ["packages", "apps", "apps/examples", "tooling"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) =>
      join(root, group, name, "test-results", "summary.json"),
    ),
  );
}

function printTotal() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const found = testSummaries().filter((file) => existsSync(file));
  for (const file of found) {
    const counts = JSON.parse(readFileSync(file, "utf8"));
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  console.log(`tests of ${found.length} packages:`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total;
}

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const tested = args.includes("test");
  // turbo puts back the results of packages that it takes from its cache
  if (tested) for (const file of testSummaries()) rmSync(file, { force: true });
  process.exitCode = runTurbo(args);
  if (tested && printTotal().passed === 0) process.exitCode ||= 1;
}
