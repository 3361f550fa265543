// The release, rehearsed: version, build, pack, check, publish to a registry on loopback, then install each package
// alone in an empty folder and use it as its README says. A second round publishes a patch of one package, which has to reach
// exactly those that depend on it. Leaves nothing behind but entries in npm's cache.
//   node tooling/release/rehearse.mjs [--only=errors,di] [--keep]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { allowance, budgetOf, overBudget, readBudgets, stackSpecifier } from "./budgets.mjs";
import { followReadme, installAlone, npmInstall } from "./consumer.mjs";
import { importTimeMs } from "./import-time.mjs";
import { fromOutside, installedPackages } from "./installed.mjs";
import { publish, startRegistry } from "./registry.mjs";
import { inParallel, run as runProgram, step } from "./run.mjs";
import { rehearsalTable } from "./table.mjs";
import { checkTarball } from "./tarball.mjs";
import { patchOne, versionPackages, withDependents, wrongBumps } from "./versions.mjs";
import * as workspace from "./workspace.mjs";

const { values: options } = parseArgs({
  options: { only: { type: "string" }, keep: { type: "boolean", default: false } },
});
const width = 2;
const stopped = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) {
  process.once(name, () => stopped.abort(new Error(`stopped by ${name}`)));
}
const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(15 * 60_000)]);
const run = (command, args, settings) => runProgram(command, args, { ...settings, signal });

const started = performance.now();
const say = (text) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const inTurn = async (title, work) => {
  const result = await step(title, work);
  say(title);
  return result;
};

const counted = new Map();
const work = mkdtempSync(join(tmpdir(), "infra-rehearsal-"));
const clone = join(work, "repository");
let registry;
try {
  const { packages, chosen } = await prepare();
  registry = await inTurn("registry", () => startRegistry(join(work, "registry"), signal));
  const published = await inTurn("publish", () => publish(clone, packages, registry, run));
  const results = await rehearsePackages(chosen, published);
  signal.throwIfAborted();
  console.log(`\n${rehearsalTable(results)}\n`);
  const problems = results.flatMap(({ name, problems: own }) =>
    own.map((text) => `${name}: ${text}`),
  );
  problems.push(...(await secondRound(packages)));
  for (const problem of problems) console.error(`${problem}\n`);
  const passed = results.filter((result) => result.problems.length === 0).length;
  say(`${passed} of ${results.length} packages are ready for release`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`rehearsal: ${error.message}`);
  process.exitCode = 1;
} finally {
  await registry?.stop();
  if (options.keep) console.log(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}

/** Clones, versions, builds and checks; resolves to the packages to publish, and those of them to rehearse. */
async function prepare() {
  await inTurn("clone and install", () => workspace.checkOut(clone, run));
  const all = workspace.publicPackages(clone);
  const names =
    options.only?.split(",").map((name) => `@infra/${name}`) ?? all.map(({ name }) => name);
  const unknown = names.find((name) => !all.some((entry) => entry.name === name));
  if (unknown) throw new Error(`--only: there is no package ${unknown} in HEAD`);

  const packages = workspace.withDependencies(all, names);
  const { pending, patched, problems } = await inTurn("version", () => versionPackages(clone, run));
  say(
    `        ${pending} changesets; a patch of what has none: ${patched.join(", ") || "nothing"}`,
  );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  workspace.holdBack(all.filter((entry) => !packages.includes(entry)));
  await inTurn("build", () => workspace.buildPackages(clone, packages, run));
  await inTurn("pack, publint, are-the-types-wrong", () => checkTarballs(packages));
  return { packages, chosen: packages.filter(({ name }) => names.includes(name)) };
}

/** Publishes a patch of the package that most depend on; resolves to what is wrong with what it led to. */
async function secondRound(packages) {
  const name = "@infra/errors";
  if (!packages.some((entry) => entry.name === name)) return [];
  const expected = withDependents(workspace.publicPackages(clone), name);
  const versions = await inTurn(`second round: a patch of ${name}`, () =>
    patchOne(clone, name, run),
  );
  const problems = wrongBumps(versions, expected);
  const bumped = packages.filter((entry) => expected.includes(entry.name));
  await inTurn("publish again", () => publish(clone, bumped, registry, run));
  const others = packages.filter((entry) => !expected.includes(entry.name));
  say(`        ${bumped.length} published anew, ${others.length} left as they were`);
  return problems;
}

/** Checks every tarball before it says what is wrong with any. */
async function checkTarballs(packages) {
  const problems = await inParallel(packages, width, async (entry) => {
    try {
      await checkTarball(entry, clone, folderFor("packed", entry.name), run);
      return [];
    } catch (error) {
      return [`${entry.name}: ${error.message}`];
    }
  });
  if (problems.flat().length > 0) throw new Error(problems.flat().join("\n\n"));
}

function folderFor(purpose, name) {
  return join(work, purpose, name.replace("/", "-"));
}

async function rehearsePackages(chosen, published) {
  const budgets = readBudgets();
  const setting = { npmrc: registry.npmrc, published, run };
  const results = await inParallel(chosen, width, async ({ name }) => {
    const result = { name, version: published.get(name).version, problems: [] };
    try {
      const budget = budgetOf(budgets, name);
      const folder = folderFor("consumers", name);
      Object.assign(result, { budget, folder }, await installAlone(name, folder, setting));
      const stack = budget.stack
        ? await stackPackages(stackSpecifier(budget.stack, result.manifest))
        : 0;
      result.allowed = allowance(budgets, budget, stack);
      result.usageBlocks = await followReadme(result.manifest, folder, setting);
    } catch (error) {
      result.problems.push(error.message);
    }
    say(`${name} ${result.problems.length === 0 ? "works" : "FAILED"}`);
    return result;
  });
  // alone on the machine, so that the times are comparable
  for (const result of results.filter(({ allowed }) => allowed !== undefined)) {
    try {
      result.importMs = await importTimeMs(result.name, result.folder, run, result.budget.importMs);
      result.problems.push(...overBudget(result, result.budget));
    } catch (error) {
      result.problems.push(error.message);
    }
  }
  return results;
}

/** How many packages the library installs by itself; counted once for each library and range. */
function stackPackages(specifier) {
  const count = async () => {
    const folder = folderFor("stack", specifier);
    await npmInstall(folder, "yes=true\n", [specifier], run);
    return fromOutside(installedPackages(folder)).length;
  };
  if (!counted.has(specifier)) counted.set(specifier, step(`npm install ${specifier}`, count));
  return counted.get(specifier);
}
