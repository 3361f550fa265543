import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const javascript = `/** @param {import("knex").Knex} knex */
export async function up(knex) {}

/** @param {import("knex").Knex} knex */
export async function down(knex) {}
`;

const typescript = `import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {}

export async function down(knex: Knex): Promise<void> {}
`;

/**
 * Writes an empty migration, whose name begins with the time: in TypeScript where the others are. Gives its path.
 *
 * @throws RangeError when the name is no file name.
 */
export async function createMigrationFile(
  folder: string,
  name: string,
  now: Date = new Date(),
): Promise<string> {
  if (!/^[\w-]+$/.test(name)) {
    throw new RangeError(`name must be letters, digits, _ and -, got ${JSON.stringify(name)}`);
  }
  await mkdir(folder, { recursive: true });
  const inTypeScript = (await readdir(folder)).some((file) => /(?<!\.d)\.[cm]?ts$/.test(file));
  const time = now.toISOString().replace(/\D/g, "").slice(0, 14);
  const file = join(folder, `${time}_${name}.${inTypeScript ? "ts" : "mjs"}`);
  await writeFile(file, inTypeScript ? typescript : javascript, { flag: "wx" });
  return file;
}
