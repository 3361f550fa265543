// Holds packages/<name>/api-report.md against the built declarations, so that a change of public types shows in review.
//   node tooling/api-report/api-report.mjs [--write] [NAME...]
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { apiReports } from "./extract.mjs";

const root = join(import.meta.dirname, "..", "..");
const write = process.argv.includes("--write");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

const packages = readdirSync(join(root, "packages"))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .map((name) => join(root, "packages", name))
  .filter((folder) => existsSync(join(folder, "package.json")));

const work = mkdtempSync(join(tmpdir(), "api-report-"));
const problems = [];
try {
  for (const { folder, name, report, mistakes } of apiReports(packages, work)) {
    const path = join(folder, "api-report.md");
    const now = existsSync(path) ? readFileSync(path, "utf8") : "";
    problems.push(...mistakes);
    if (now === report || mistakes.length > 0) continue;
    if (write) writeFileSync(path, report);
    else {
      problems.push(
        `packages/${name}/api-report.md is not what the package exports now${firstDifference(now, report)}`,
      );
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
if (problems.length > 0 && !write) {
  console.error("If the change is meant: `pnpm api-report --write`, and commit the reports.");
}
console.log(
  problems.length === 0
    ? `api-report: ${packages.length} packages as reported`
    : `api-report: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function firstDifference(now, report) {
  const before = now.split("\n");
  const at = report.split("\n").findIndex((line, index) => line !== before[index]);
  return at < 0 ? "" : `, from line ${at + 1}: ${report.split("\n")[at]}`;
}
