// What would be published: the tarball of each package, its contents, its manifest, its types.
import { mkdirSync, readdirSync } from "node:fs";

import { tool } from "./tool.mjs";
import { toolEnvironment } from "./workspace.mjs";

const mustHave = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
const mustNotHave =
  /(^|\/)(node_modules|test|test-results|coverage|\.turbo|\.env[^/]*)(\/|$)|\.test\.|\.tsbuildinfo$/;

/** What is wrong with a tarball: files missing or too many, and what only a workspace understands in its manifest. */
export function tarballProblems(files, manifest) {
  const has = new Set(files);
  const exports = JSON.stringify(manifest.exports);
  const ranges = ["dependencies", "peerDependencies", "optionalDependencies"].flatMap((field) =>
    Object.entries(manifest[field] ?? {}),
  );
  return [
    ...mustHave.filter((file) => !has.has(file)).map((file) => `${file} is missing`),
    ...files
      .filter((file) => mustNotHave.test(file))
      .map((file) => `${file} does not belong in it`),
    ...(exports.includes("@infra/source") ? ["exports still has the condition @infra/source"] : []),
    ...ranges
      .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
      .map(([name, range]) => `${name} is asked for as ${range}`),
  ];
}

/** Packs one package into `folder`, looks into the tarball, and runs publint and are-the-types-wrong on it. */
export async function checkTarball({ folder: source }, clone, folder, run) {
  mkdirSync(folder, { recursive: true });
  await run("pnpm", ["pack", "--pack-destination", folder], {
    cwd: source,
    env: toolEnvironment(clone),
  });
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  const { stdout: list } = await run("tar", ["-tzf", file], { cwd: folder });
  const files = list
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  const { stdout: manifest } = await run("tar", ["-xzOf", file, "package/package.json"], {
    cwd: folder,
  });
  const problems = tarballProblems(files, JSON.parse(manifest));
  if (problems.length > 0) throw new Error(problems.join("\n"));

  await run(process.execPath, [tool("publint"), file, "--strict"], { cwd: folder });
  const types = [file, "--profile", "esm-only", "--format", "ascii", "--no-emoji"];
  await run(process.execPath, [tool("@arethetypeswrong/cli", "attw"), ...types], { cwd: folder });
}
