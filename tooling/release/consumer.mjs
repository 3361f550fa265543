// A stranger's folder: one package installed from the registry, alone, then used as its README says.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fencedBlocks, firstBrokenClaim, readmeSection } from "@infra/jest-preset/readme-blocks";

import { assertPublished, folderBytes, fromOutside, installedPackages } from "./installed.mjs";
import { step } from "./run.mjs";
import { checkTypes } from "./types.mjs";

const npmFlags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
const loadTimeoutMs = 30_000;
const usageTimeoutMs = 60_000;

/** Runs `npm install` with the given arguments in a folder, which is made, with an empty package.json, when new. */
export async function npmInstall(folder, npmrc, args, run) {
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    writeFileSync(join(folder, ".npmrc"), npmrc);
  }
  await run("npm", ["install", ...args, ...npmFlags], { cwd: folder, timeoutMs: 180_000 });
}

/** The arguments of each `npm i …` in the README's Install section. */
export function installLines(readme) {
  return fencedBlocks(readmeSection(readme, "Install") ?? "", "sh")
    .flatMap((block) => block.split("\n"))
    .map((line) => /^npm (?:i|install) ([^#]+)/.exec(line)?.[1].trim().split(/\s+/))
    .filter((args) => args !== undefined);
}

/** What can be imported of a package: its name and the subpaths that it exports. */
export function importSpecifiers({ name, exports }) {
  return Object.keys(exports)
    .filter((path) => path !== "./package.json")
    .map((path) => name + path.slice(1));
}

/** Installs a package alone and loads it with import and with require; resolves to what that brought. */
export async function installAlone(name, folder, { npmrc, published, run }) {
  await step(`npm install ${name}`, () => npmInstall(folder, npmrc, [name], run));
  const packages = installedPackages(folder);
  assertPublished(packages, published);
  const bytes = folderBytes(join(folder, "node_modules"));
  const manifest = JSON.parse(readInstalled(folder, name, "package.json"));
  await loadBothWays(folder, [name], run);
  return { manifest, installed: packages.length, outside: fromOutside(packages), bytes };
}

function readInstalled(folder, name, file) {
  return readFileSync(join(folder, "node_modules", name, file), "utf8");
}

/** Every specifier by import() and by require(): the same names, nothing printed, nothing left running. */
async function loadBothWays(folder, specifiers, run) {
  const load = (title, flags, loader) =>
    step(title, async () => {
      const program = `const names = {};
for (const name of ${JSON.stringify(specifiers)}) names[name] = Object.keys(${loader}(name))
  .filter((key) => key !== "__esModule" && key !== "module.exports").sort();
console.log(JSON.stringify(names));`;
      const { stdout, stderr } = await run(process.execPath, [...flags, "-e", program], {
        cwd: folder,
        timeoutMs: loadTimeoutMs,
      });
      if (stderr !== "") throw new Error(`it printed:\n${stderr}`);
      return JSON.parse(stdout);
    });
  const imported = await load("import()", ["--input-type=module"], "await import");
  const required = await load("require()", [], "require");
  for (const name of specifiers) {
    if (imported[name].length === 0) throw new Error(`import("${name}") exports nothing`);
    if (imported[name].join() !== required[name].join()) {
      throw new Error(`import("${name}") gives ${imported[name]}, require() ${required[name]}`);
    }
  }
}

/**
 * Follows the README: its Install lines, after which every subpath loads with import and with require and type-checks
 * from both, then each block of Usage, type-checked against the published declarations and run. Resolves to the number of
 * blocks that ran.
 */
export async function followReadme(manifest, folder, { npmrc, published, run }) {
  const readme = readInstalled(folder, manifest.name, "README.md");
  for (const args of installLines(readme)) {
    await step(`npm i ${args.join(" ")}`, () => npmInstall(folder, npmrc, args, run));
  }
  assertPublished(installedPackages(folder), published);
  const specifiers = importSpecifiers(manifest);
  await loadBothWays(folder, specifiers, run);

  const blocks = fencedBlocks(readmeSection(readme, "Usage") ?? "", "ts");
  if (blocks.length === 0) throw new Error("its README has no ts block under Usage");
  const usage = blocks.map((_, at) => `usage-${at + 1}.mts`);
  usage.forEach((file, at) => writeFileSync(join(folder, file), blocks[at]));
  await step("types", () => checkTypes(folder, specifiers, usage, run));
  for (const [at, block] of blocks.entries()) {
    await step(`Usage, block ${at + 1}`, async () => {
      const { stdout } = await run(process.execPath, [`usage-${at + 1}.mjs`], {
        cwd: folder,
        timeoutMs: usageTimeoutMs,
      });
      const claim = firstBrokenClaim(block, stdout);
      if (claim !== undefined) throw new Error(`it claims \`${claim}\` but prints\n${stdout}`);
    });
  }
  return blocks.length;
}
