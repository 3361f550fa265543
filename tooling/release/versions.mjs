// Versions by changesets.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { publicPackages, toolEnvironment } from "./workspace.mjs";

/** What the changesets ask for, by package: the set of "patch", "minor", "major". @param {string[]} texts of the files */
export function askedBumps(texts) {
  const asked = new Map();
  for (const text of texts) {
    const [, frontMatter = ""] = /^---\n([\s\S]*?)^---/m.exec(text) ?? [];
    for (const [, name, bump] of frontMatter.matchAll(/^["']?([^"':\s]+)["']?\s*:\s*(\w+)/gm)) {
      asked.set(name, (asked.get(name) ?? new Set()).add(bump));
    }
  }
  return asked;
}

const major = (version) => Number(version.split(".")[0]);

/**
 * The packages whose major version rises though no changeset asks for it, as sentences: so it goes with a peer of the
 * workspace whose new version is outside the range.
 *
 * @param {{ name: string, from: string, to: string }[]} versions
 */
export function unaskedMajors(versions, asked) {
  return versions
    .filter(({ from, to }) => major(to) > major(from))
    .filter(({ name }) => !asked.get(name)?.has("major"))
    .map(
      ({ name, from, to }) =>
        `${name} would go from ${from} to ${to}, which no changeset asks for: give its peers from the workspace a range that their new versions are in ("workspace:0.x")`,
    );
}

/**
 * What is published anew when a package is: itself, and whoever depends on it, directly or through others, as users see it.
 *
 * @param {{ name: string, manifest: object }[]} packages
 * @returns {string[]} their names, in the order of `packages`
 */
export function withDependents(packages, name) {
  const found = new Set([name]);
  const size = () => found.size;
  for (let before = 0; before < size();) {
    before = size();
    for (const { name: other, manifest } of packages) {
      const needs = { ...manifest.dependencies, ...manifest.peerDependencies };
      if (Object.keys(needs).some((each) => found.has(each))) found.add(other);
    }
  }
  return packages.map((entry) => entry.name).filter((each) => found.has(each));
}

/**
 * What is wrong with the bumps that a patch of one package has led to, as sentences: exactly the package and its dependents
 * may have one, and each a patch.
 *
 * @param {{ name: string, from: string, to: string }[]} versions
 * @param {string[]} expected
 */
export function wrongBumps(versions, expected) {
  const bumped = versions.filter(({ from, to }) => from !== to);
  const names = new Set(bumped.map(({ name }) => name));
  return [
    ...expected.filter((name) => !names.has(name)).map((name) => `${name} was not bumped`),
    ...bumped
      .filter(({ name }) => !expected.includes(name))
      .map(({ name, to }) => `${name} was bumped to ${to}, and depends on nothing that changed`),
    ...bumped
      .filter(({ name, from, to }) => expected.includes(name) && to !== patchOf(from))
      .map(({ name, from, to }) => `${name} went from ${from} to ${to}, which is no patch`),
  ];
}

const patchOf = (version) => version.replace(/\d+$/, (patch) => Number(patch) + 1);

/** Versions the clone by a patch of one package; resolves to its packages, `{ name, from, to }`. */
export async function patchOne(clone, name, run) {
  const file = join(clone, ".changeset", "second-round.md");
  writeFileSync(file, `---\n"${name}": patch\n---\n\nA patch.\n`);
  const before = publicPackages(clone);
  await run("changeset", ["version"], { cwd: clone, env: toolEnvironment(clone) });
  return versionsSince(before, clone);
}

function versionsSince(before, clone) {
  const now = new Map(publicPackages(clone).map(({ name, manifest }) => [name, manifest.version]));
  return before.map(({ name, manifest }) => ({ name, from: manifest.version, to: now.get(name) }));
}

/**
 * Versions the clone by its pending changesets, and by a patch what has none, so that everything is published.
 * Resolves to the number of changesets and the packages that had none.
 */
export async function versionPackages(clone, run) {
  const folder = join(clone, ".changeset");
  const pending = readdirSync(folder).filter(
    (file) => file.endsWith(".md") && file !== "README.md",
  );
  const asked = askedBumps(pending.map((file) => readFileSync(join(folder, file), "utf8")));
  const before = publicPackages(clone);
  const patched = before.map(({ name }) => name).filter((name) => !asked.has(name));
  if (patched.length > 0) {
    const lines = patched.map((name) => `"${name}": patch`);
    writeFileSync(join(folder, "rehearsal.md"), `---\n${lines.join("\n")}\n---\n\nRehearsal.\n`);
  }
  await run("changeset", ["version"], { cwd: clone, env: toolEnvironment(clone) });
  const versions = versionsSince(before, clone);
  return { pending: pending.length, patched, problems: unaskedMajors(versions, asked) };
}
