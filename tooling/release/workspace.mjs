// The clone that is released: which packages it has, what they depend on, how it is built.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const dependencyFields = ["dependencies", "peerDependencies", "devDependencies"];

/** Clones the repository's HEAD into `clone` and installs it from its lockfile. */
export async function checkOut(clone, run) {
  await run("git", ["clone", "--quiet", root, clone], { cwd: root });
  await run(
    join(root, "node_modules", ".bin", "pnpm"),
    ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=silent"],
    { cwd: clone, timeoutMs: 300_000 },
  );
}

/** The environment in which the clone's tools find each other by name, and pnpm does not install again. */
export function toolEnvironment(clone) {
  return {
    PATH: `${join(clone, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
    pnpm_config_verify_deps_before_run: "false",
    TURBO_TELEMETRY_DISABLED: "1",
    CI: "true",
  };
}

/** The published packages of the clone, by name: `{ name, folder, manifest }`. */
export function publicPackages(clone) {
  return readdirSync(join(clone, "packages"))
    .map((directory) => join(clone, "packages", directory))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
    }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }));
}

/** The named packages and every package of the workspace that they, or theirs, depend on in any way. */
export function withDependencies(packages, names) {
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  const found = new Set();
  const add = (name) => {
    if (!byName.has(name) || found.has(name)) return;
    found.add(name);
    const { manifest } = byName.get(name);
    for (const field of dependencyFields) Object.keys(manifest[field] ?? {}).forEach(add);
  };
  names.forEach(add);
  return packages.filter(({ name }) => found.has(name));
}

/** Keeps the packages out of the release by marking them private. */
export function holdBack(packages) {
  for (const { folder } of packages) {
    const file = join(folder, "package.json");
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, `${JSON.stringify({ ...manifest, private: true }, undefined, 2)}\n`);
  }
}

/** Builds the packages, and what they depend on, from nothing. */
export async function buildPackages(clone, packages, run) {
  const filters = packages.map(({ name }) => `--filter=${name}`);
  await run("turbo", ["run", "build", "template", ...filters, "--output-logs=errors-only"], {
    cwd: clone,
    env: toolEnvironment(clone),
    timeoutMs: 300_000,
  });
}
