// The rules for one package: layout, manifest, README, sources.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { fencedBlocks, readmeSection } from "@infra/jest-preset/readme-blocks";

import { canonicalFiles, canonicalManifest, readmeHeadings, tiers } from "./canonical.mjs";
import { optionProblems } from "./option-tables.mjs";
import { packageOf, sourceProblems } from "./source-rules.mjs";

const allowedEntries = new Set([
  "package.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "tsconfig.json",
  "tsconfig.build.json",
  "turbo.json",
  "jest.config.js",
  "api-report.md",
  "scripts",
  "src",
  "test",
]);
const ignoredEntries = new Set(["node_modules", "dist", "test-results", "coverage", ".turbo"]);

/** Every file below a folder, relative, with "/" between its parts. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}

/** The problems of the package `name` in `folder`, each a path and what is wrong and how to mend it. */
export function packageProblems(folder, name, { fix = false } = {}) {
  if (!(name in tiers)) {
    return [`packages/${name} has no tier: add it to "tiers" in tooling/check/canonical.mjs`];
  }
  const problems = [];
  const say = (path, problem) => problems.push(`packages/${name}/${path} ${problem}`);
  const read = (path) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : undefined;
  const expectFile = (path, content, same) => {
    if (same(read(path))) return;
    if (fix) writeFileSync(join(folder, path), content);
    else say(path, "is not the canonical one: run `pnpm format`");
  };

  const text = read("package.json");
  if (text === undefined)
    return [`packages/${name}/package.json is missing: see \`pnpm new:package\``];
  const manifest = JSON.parse(text);
  const canonical = canonicalManifest(name, manifest);
  const asWritten = JSON.stringify(canonical);
  expectFile(
    "package.json",
    `${JSON.stringify(canonical, undefined, 2)}\n`,
    (now) => JSON.stringify(JSON.parse(now)) === asWritten,
  );
  for (const [path, content] of Object.entries(canonicalFiles(name))) {
    expectFile(
      path,
      content,
      (now) => now?.replaceAll(/\s/g, "") === content.replaceAll(/\s/g, ""),
    );
  }

  const extra = new Set(canonical.files);
  for (const entry of readdirSync(folder)) {
    if (
      allowedEntries.has(entry) ||
      ignoredEntries.has(entry) ||
      extra.has(entry) ||
      entry.startsWith(".")
    )
      continue;
    say(entry, "does not belong in a package: see DESIGN, the inside of a package");
  }
  if (!canonical.description.endsWith(".")) {
    say("package.json", "has no description: write one sentence, with its full stop");
  }
  problems.push(
    ...exportProblems(folder, name, canonical),
    ...readmeProblems(name, read("README.md")),
  );
  if (read("test/readme.test.ts") === undefined) {
    say(
      "test/readme.test.ts",
      "is missing: it runs the README (describeReadme of @infra/jest-preset/readme)",
    );
  }
  const sources = filesBelow(join(folder, "src")).filter((path) => path.endsWith(".ts"));
  const source = sources.map((path) => read(`src/${path}`)).join("\n");
  for (const problem of optionProblems(read("README.md") ?? "", source)) {
    say("README.md", `does not hold under Options: ${problem}`);
  }
  for (const path of filesBelow(join(folder, "src"))) {
    if (!path.endsWith(".ts")) {
      say(`src/${path}`, "is not TypeScript: only sources stand in src");
      continue;
    }
    for (const problem of sourceProblems(name, canonical, path, read(`src/${path}`)))
      say(`src/${path}`, problem);
  }
  return problems;
}

function exportProblems(folder, name, manifest) {
  const problems = [];
  const sources = Object.values(manifest.exports).flatMap((entry) => entry["@infra/source"] ?? []);
  for (const source of sources) {
    if (!existsSync(join(folder, source))) {
      problems.push(`packages/${name}/package.json exports ${source}, which does not exist`);
    }
  }
  for (const driver of filesBelow(join(folder, "src", "drivers"))) {
    if (!sources.includes(`./src/drivers/${driver}`)) {
      problems.push(
        `packages/${name}/src/drivers/${driver} is not exported: add "./drivers/${driver.replace(/\.ts$/, "")}" to exports`,
      );
    }
  }
  for (const peer of Object.keys(manifest.peerDependenciesMeta ?? {})) {
    if (!(peer in (manifest.peerDependencies ?? {}))) {
      problems.push(
        `packages/${name}/package.json describes the peer ${peer} but does not name it in peerDependencies`,
      );
    }
  }
  return problems;
}

function readmeProblems(name, readme) {
  const at = `packages/${name}/README.md`;
  if (readme === undefined) return [`${at} is missing: see \`pnpm new:package\``];
  const problems = [];
  const [title, blank, sentence] = readme.split("\n");
  if (title !== `# @infra/${name}` || blank !== "" || !/^[A-Z`].*[.:]$/.test(sentence ?? "")) {
    problems.push(`${at} must begin with "# @infra/${name}", an empty line and one sentence`);
  }
  const body = readme.replaceAll(/^```[\s\S]*?^```/gm, "");
  const headings = [...body.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  const expected = readmeHeadings.filter((heading) => headings.includes(heading));
  if (headings.join() !== expected.join()) {
    problems.push(
      `${at} has the sections ${headings.join(", ")}: allowed are, in this order, ${readmeHeadings.join(", ")}`,
    );
  }
  for (const heading of ["Install", "Usage"]) {
    if (!headings.includes(heading)) problems.push(`${at} has no section "${heading}"`);
  }
  const install =
    /^npm i (.+)$/m.exec(readmeSection(readme, "Install") ?? "")?.[1].split(" ") ?? [];
  if (!install.includes(`@infra/${name}`)) {
    problems.push(`${at} does not say \`npm i @infra/${name}\` under Install`);
  }
  for (const block of fencedBlocks(readmeSection(readme, "Usage") ?? "", "ts")) {
    for (const [, specifier] of block.matchAll(/(?:from|import) "([^"]+)"/g)) {
      if (/^(node:|\.)/.test(specifier) || install.includes(packageOf(specifier))) continue;
      problems.push(`${at} uses ${packageOf(specifier)} under Usage: name it in the Install line`);
    }
  }
  return [...new Set(problems)];
}
