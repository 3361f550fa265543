import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { optionProblems, tablesOf } from "../option-tables.mjs";
import { packageProblems } from "../package-rules.mjs";
import { importProblem, sourceProblems } from "../source-rules.mjs";

const manifest = {
  name: "@infra/cache",
  dependencies: { "@infra/interfaces": "workspace:^", "@infra/database": "workspace:^", keyv: "5" },
  devDependencies: { jest: "30" },
};

describe("importProblem()", () => {
  it.each(["node:fs", "./store.js", "keyv", "@infra/interfaces"])("accepts %s", (specifier) => {
    expect(importProblem("cache", manifest, specifier)).toBeUndefined();
  });

  it.each([
    ["@infra/database", "a package imports only from lower tiers"],
    ["@infra/testing", "a package imports only from lower tiers"],
    ["@infra/cache", "use a relative path"],
    ["@infra/errors", "neither in dependencies"],
    ["jest", "neither in dependencies"],
    ["fs", 'write "node:fs"'],
    ["./store", 'write "./store.js"'],
  ])("refuses %s", (specifier, message) => {
    expect(importProblem("cache", manifest, specifier)).toContain(message);
  });
});

describe("tablesOf()", () => {
  it("reads headings and rows, a bar in a cell too", () => {
    const text = "x\n\n| a | b |\n| --- | :-: |\n| 1 | x \\| y |\n\n| c |\n| - |\n";
    expect(tablesOf(text)).toEqual([
      { heading: ["a", "b"], rows: [["1", "x \\| y"]] },
      { heading: ["c"], rows: [] },
    ]);
  });
});

const optionsOf = (row: string): string =>
  `## Options\n\n| option | default | environment | meaning |\n| - | - | - | - |\n${row}\n\n## Errors\n`;

describe("optionProblems()", () => {
  const source = `
  /** How long. @default "5m" */
  readonly ttl?: Duration;
  /**
   * How many.
   *
   * @default 10_000
   */
  readonly maxEntries?: number;
  url: { doc: "Where.", env: "CACHE_URL" },`;
  it.each([
    '| `ttl` | `"5m"` | | how long |',
    "| `ttl`, `maxEntries` | | | |",
    "| `maxEntries` | `10,000` | | how many |",
    "| `ttl` | five minutes | | how long |",
    "| `url` | | `CACHE_URL` | where |",
  ])("accepts %s", (row) => {
    expect(optionProblems(optionsOf(row), source)).toEqual([]);
  });

  it.each([
    ["| `ttll` | | | |", "the option ttll is not in the sources"],
    ['| `ttl` | `"6m"` | | |', 'the default of ttl is "6m", and "5m" in the sources'],
    ["| `maxEntries` | `9` | | |", "the default of maxEntries is 9, and 10000 in the sources"],
    ["| `url` | | `CASH_URL` | |", "the variable CASH_URL is not in the sources"],
  ])("refuses %s", (row, problem) => {
    expect(optionProblems(optionsOf(row), source)).toEqual([problem]);
  });

  it("looks at tables of options alone", () => {
    const text = "## Options\n\n| function | options |\n| - | - |\n| `walk` | `deep` |\n";
    expect(optionProblems(text, source)).toEqual([]);
  });
});

describe("sourceProblems()", () => {
  it.each([
    ["index.ts", "name what is exported", 'export * from "./store.js";'],
    ["index.ts", "more than re-export", "export const x = 1;"],
    ["store.ts", "default export", "export default 1;"],
    ["Store.ts", "kebab-case", ""],
    ["helpers.ts", "named after nothing", ""],
    ["store.ts", "401 lines", "\n".repeat(401)],
    ["store.ts", "#private", "class A { private x = 1; }"],
    ["store.ts", "#private", "class A { constructor(private x: number) {} }"],
    ["store.ts", "decorator", "@d class A {}"],
    ["store.ts", "drop the I", "interface ICache {}"],
    ["store.ts", '"any"', "let x: any;"],
    ["store.ts", "only @infra/config", "process.env.X;"],
    ["store.ts", "lower tiers", 'await import("@infra/database");'],
    ["store.ts", "does not parse", "let = ="],
  ])("refuses in %s: %s", (path, message, text) => {
    expect(sourceProblems("cache", manifest, path, text).join("\n")).toContain(message);
  });

  it("accepts what is fine", () => {
    const text =
      'import { Keyv } from "keyv";\nexport class Store { #keyv = new Keyv(); plain = process.env["NO_COLOR"]; }\n';
    expect(sourceProblems("cache", manifest, "store.ts", text)).toEqual([]);
    expect(sourceProblems("cache", manifest, "cli.ts", "process.env.X;")).toEqual([]);
    expect(
      sourceProblems("cache", manifest, "index.ts", 'export { Store } from "./store.js";'),
    ).toEqual([]);
  });
});

describe("packageProblems()", () => {
  let folder: string;
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "infra-check-"));
    const errors = fileURLToPath(new URL("../../../packages/errors", import.meta.url));
    for (const entry of [
      "package.json",
      "README.md",
      "LICENSE",
      "tsconfig.json",
      "tsconfig.build.json",
      "turbo.json",
      "jest.config.js",
      "src",
      "test",
    ]) {
      cpSync(join(errors, entry), join(folder, entry), { recursive: true });
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("accepts a package in the canonical layout", () => {
    expect(packageProblems(folder, "errors")).toEqual([]);
  });

  it("refuses a package without a tier", () => {
    expect(packageProblems(folder, "surprise").join()).toContain("has no tier");
  });

  it("names what differs, and --fix mends it", () => {
    const now = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    write("package.json", JSON.stringify({ ...now, license: "ISC", engines: undefined }));
    write("tsconfig.json", "{}");
    expect(packageProblems(folder, "errors")).toEqual([
      "packages/errors/package.json is not the canonical one: run `pnpm format`",
      "packages/errors/tsconfig.json is not the canonical one: run `pnpm format`",
    ]);
    packageProblems(folder, "errors", { fix: true });
    expect(packageProblems(folder, "errors")).toEqual([]);
  });

  it("refuses stray files, drivers that are not exported, and exports without a file", () => {
    write("notes.txt", "");
    mkdirSync(join(folder, "src/drivers"));
    write("src/drivers/redis.ts", "export const x = 1;\n");
    const now = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    write("package.json", JSON.stringify({ ...now, exports: { ".": {}, "./gone": {} } }));
    packageProblems(folder, "errors", { fix: true });
    const problems = packageProblems(folder, "errors").join("\n");
    expect(problems).toContain("notes.txt does not belong");
    expect(problems).toContain("redis.ts is not exported");
    expect(problems).toContain("./src/gone.ts, which does not exist");
  });

  it.each([
    ["# errors\n", "must begin with"],
    [
      "# @infra/errors\n\nA sentence.\n\n## Usage\n\n## Install\n\nnpm i @infra/errors\n",
      "in this order",
    ],
    ["# @infra/errors\n\nA sentence.\n\n## Install\n\nnpm i @infra/errors\n", 'no section "Usage"'],
    ["# @infra/errors\n\nA sentence.\n\n## Install\n\n## Usage\n", "npm i @infra/errors"],
    [
      '# @infra/errors\n\nA sentence.\n\n## Install\n\nnpm i @infra/errors\n\n## Usage\n\n```ts\nimport pg from "pg";\n```\n',
      "uses pg under Usage",
    ],
  ])("refuses the README %j", (readme, message) => {
    write("README.md", readme);
    expect(packageProblems(folder, "errors").join("\n")).toContain(message);
  });
});
