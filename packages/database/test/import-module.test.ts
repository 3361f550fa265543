import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { importModule, importTypeScript } from "../src/migrations/import-module.js";

describe("modules of migrations", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "modules-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  // Node.js 20 can't read TypeScript; that a child of the tests can does not show it
  it("importTypeScript() reads what Node.js can't: types, enums, imports of other TypeScript", async () => {
    await write("table.ts", "export const table: string = 'notes';");
    const path = await write(
      "001.ts",
      `import { table } from "./table";
       enum Kind { Notes = "kind" }
       interface Knex { readonly name: string }
       export async function up(knex: Knex): Promise<string> {
         return [knex.name, table satisfies string, Kind.Notes].join();
       }`,
    );
    const module = (await importTypeScript(path)) as { up(knex: object): Promise<string> };
    expect(await module.up({ name: "knex" })).toBe("knex,notes,kind");
  });

  it("importModule() says what is wrong with a module in its own words", async () => {
    const path = await write("broken.mjs", "import './nowhere.mjs';");
    await expect(importModule(path)).rejects.toThrow(/nowhere\.mjs/);
  });
});
