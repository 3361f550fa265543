// What an npm install left in a folder.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The installed packages, `{ name, version, integrity }` each, from npm's own record of node_modules. */
export function installedPackages(folder) {
  const record = JSON.parse(
    readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"),
  );
  return Object.entries(record.packages).map(([path, { version, integrity }]) => ({
    name: path.split("node_modules/").at(-1),
    version,
    integrity,
  }));
}

/** Those that are not ours. */
export function fromOutside(packages) {
  return packages.filter(({ name }) => !name.startsWith("@infra/"));
}

/** The bytes of all files below a folder. */
export function folderBytes(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
}

/**
 * Throws when an @infra package in `packages` is not the very one that was published: npm's cache may hold
 * one of an earlier rehearsal on the same port.
 */
export function assertPublished(packages, published) {
  for (const { name, version, integrity } of packages) {
    if (!name.startsWith("@infra/")) continue;
    const expected = published.get(name);
    if (expected?.integrity === integrity) continue;
    throw new Error(
      expected
        ? `${name}@${version} came from npm's cache, not from this rehearsal's registry: run it again`
        : `it brings ${name}, which is not published`,
    );
  }
}
