// Holds the tree against DESIGN: tiers, layout, manifests, READMEs, exports, and the rules for sources.
//   node tooling/check/check.mjs [--fix]
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";

import { root } from "./canonical.mjs";
import { packageProblems } from "./package-rules.mjs";

const fix = process.argv.includes("--fix");
const topLevel = new Set([
  "packages",
  "apps",
  "tooling",
  "node_modules",
  "pnpm-workspace.yaml",
  "pnpm-lock.yaml",
  "turbo.json",
  "package.json",
  "tsconfig.base.json",
  "knip.json",
  "README.md",
  "LICENSE",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "llms.txt",
]);

const problems = readdirSync(root)
  .filter((entry) => !topLevel.has(entry) && !entry.startsWith("."))
  .map(
    (entry) => `${entry} does not belong at the top level: move it into packages, apps or tooling`,
  );

for (const name of readdirSync(join(root, "packages"))) {
  const folder = join(root, "packages", name);
  if (existsSync(join(folder, "package.json")))
    problems.push(...packageProblems(folder, name, { fix }));
}

// what would tie the project to one machine
for (const [flag, pattern] of [
  ["-E", "https?://(registry|deb)\\."],
  ["-F", `${dirname(root)}${sep}`],
]) {
  problems.push(
    ...grep(flag, pattern).map(
      (place) => `${place} names a registry's host or a path of this machine: take it out`,
    ),
  );
}

function grep(flag, pattern) {
  try {
    const args = ["grep", "-nI", flag, pattern, "--", ".", ":!tooling/check", ":!pnpm-lock.yaml"];
    return execFileSync("git", args, { cwd: root, encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split(":", 2).join(":"));
  } catch (error) {
    if (error.status === 1) return [];
    throw error;
  }
}

for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0
    ? "layout: every package as it should be"
    : `layout: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
