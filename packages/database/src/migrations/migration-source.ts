import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { MigrationSourceError } from "../errors.js";
import type { Migration } from "./migration.js";

/** A step that is known by name, and read when it is needed. */
export interface MigrationEntry {
  readonly name: string;
  load(): Promise<Migration>;
}

const extension = /(?<!\.d)\.[cm]?[jt]s$/;

/**
 * The migrations in their order.
 *
 * @throws MigrationSourceError when the folder can't be read, or two steps have one name.
 */
export async function readMigrations(
  source: string | URL | readonly Migration[],
): Promise<readonly MigrationEntry[]> {
  const entries =
    typeof source === "string" || source instanceof URL
      ? await readFolder(source instanceof URL ? fileURLToPath(source) : resolve(source))
      : source.map((migration) => ({
          name: migration.name,
          load: () => Promise.resolve(migration),
        }));
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (typeof name !== "string" || name === "" || seen.has(name)) {
      throw new MigrationSourceError(
        seen.has(name)
          ? `two migrations are called ${JSON.stringify(name)}`
          : `a migration needs a name, got ${JSON.stringify(name)}`,
        { details: { migration: name } },
      );
    }
    seen.add(name);
  }
  return entries;
}

/** A name has no extension, so that a built migration is the one that its source was. */
export function migrationName(file: string): string {
  return file.replace(extension, "");
}

async function readFolder(folder: string): Promise<readonly MigrationEntry[]> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch (cause) {
    throw new MigrationSourceError(`cannot read the folder of migrations ${folder}`, { cause });
  }
  return files
    .filter((file) => extension.test(file))
    .toSorted()
    .map((file) => {
      const name = migrationName(file);
      return { name, load: () => loadFile(resolve(folder, file), name) };
    });
}

async function loadFile(path: string, name: string): Promise<Migration> {
  let module: Partial<Migration> & { readonly default?: Partial<Migration> };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (cause) {
    throw new MigrationSourceError(
      `the migration ${path} does not load: ${(cause as Error).message}`,
      {
        cause,
        details: { migration: name },
      },
    );
  }
  const { up, down } = typeof module.up === "function" ? module : (module.default ?? module);
  if (typeof up !== "function") {
    throw new MigrationSourceError(`the migration ${path} exports no function up(knex)`, {
      details: { migration: name },
    });
  }
  return { name, up, ...(down && { down }) };
}
