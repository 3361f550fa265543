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
  const now = new Map(publicPackages(clone).map(({ name, manifest }) => [name, manifest.version]));
  const versions = before.map(({ name, manifest }) => ({
    name,
    from: manifest.version,
    to: now.get(name),
  }));
  return { pending: pending.length, patched, problems: unaskedMajors(versions, asked) };
}
