import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { until } from "@infra/testing";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";

import { DatabaseService, StoppedError, type Migration } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

const create = (table: string): Migration => ({
  name: `create_${table}`,
  up: (knex) => knex.schema.createTable(table, (columns) => columns.increments("id")),
  down: (knex) => knex.schema.dropTable(table),
});

const module = (table: string): string =>
  `export const up = (knex) => knex.schema.createTable("${table}", (t) => { t.increments("id"); });
       export const down = (knex) => knex.schema.dropTable("${table}");`;

describeOnEngines("migrations in a folder", (engine) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "migrations-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are modules with up and down, by name, and migrateOnStart runs them before anything else", async () => {
    await writeFile(join(folder, "002_b.mjs"), module("b"));
    await writeFile(join(folder, "001_a.ts"), module("a"));
    await writeFile(join(folder, "001_a.d.ts"), "");
    await writeFile(
      join(folder, "003_c.js"),
      `export default { up: (knex) => knex.raw("select 1") };`,
    );
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
    const db = await engine.open({ migrations: folder, migrateOnStart: true });
    // first use, no start(): both statements find the tables
    await Promise.all([db.knex("a").insert({ id: 1 }), db.query("select * from b")]);
    expect((await db.migrate.status()).map(({ name, state }) => `${name} ${state}`)).toEqual([
      "001_a applied",
      "002_b applied",
      "003_c applied",
    ]);
    await mkdir(join(folder, "bad"));
    await writeFile(join(folder, "bad", "001.mjs"), "export const nothing = 1;");
    const text = join(folder, "seeds");
    await mkdir(text);
    await writeFile(
      join(text, "a.mjs"),
      `export const seed = (knex) => knex("a").insert({ id: 7 });`,
    );
    const seeded = new DatabaseService({
      url: await engine.url(),
      migrations: folder,
      seeds: text,
    });
    await seeded.migrate.latest();
    expect(await seeded.seed.run()).toEqual(["a"]);
    expect(await seeded.knex("a").pluck("id")).toEqual([7]);
    await seeded.stop();
    const bad = await engine.open({ migrations: join(folder, "bad"), migrateOnStart: true });
    await expect(bad.start()).rejects.toThrow(/exports no function up/);
    expect((await bad.health()).status).toBe("down");
    const none = await engine.open({ migrations: join(folder, "none") });
    await expect(none.migrate.status()).rejects.toThrow(/cannot read the folder of migrations/);
    await none.stop();
    await expect(none.query("select 1")).rejects.toThrow(StoppedError);
  }, 60_000);
});

const program = `
import { DatabaseService } from "@infra/database";
const [, , url, how] = process.argv;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const db = new DatabaseService({
  url,
  migrations: [
    {
      name: "first",
      up: async (knex) => {
        await knex.schema.createTable("first", (table) => table.integer("id"));
        // long enough for the others to come
        if (how === "slow") await pause(1500);
      },
    },
    {
      name: "second",
      up: async (knex) => {
        await knex.schema.createTable("second", (table) => table.integer("id"));
        if (how === "hang") {
          process.stdout.write("inside");
          setInterval(() => {}, 1000);
          await new Promise(() => {});
        }
      },
    },
  ],
});
process.stdout.write(JSON.stringify(await db.migrate.latest()));
await db.stop();
`;

describeOnEngines(
  "migrations in several processes",
  (engine) => {
    const folder = join(import.meta.dirname, "..", "test-results");
    const file = join(folder, `migrate-${engine.name}.mts`);
    const children: ChildProcess[] = [];
    beforeAll(async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(file, program);
    });
    afterEach(() => {
      for (const child of children.splice(0)) child.kill("SIGKILL");
    });

    const run = (...args: string[]): { readonly child: ChildProcess; output: () => string } => {
      const child = spawn(process.execPath, [...sourceFlags, file, ...args], {
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      return { child, output: () => output };
    };

    it("five that start together run each migration once, and all are content", async () => {
      const url = await engine.url();
      const five = Array.from({ length: 5 }, () => run(url, "slow"));
      await until(() => five.every(({ child }) => child.exitCode !== null), { timeoutMs: 60_000 });
      expect(five.map(({ child }) => child.exitCode)).toEqual([0, 0, 0, 0, 0]);
      const done = five.flatMap(({ output }) => JSON.parse(output()) as string[]);
      expect(done.toSorted()).toEqual(["first", "second"]);
    }, 90_000);

    // regression: knex's lock is a row that stays behind
    it("one that is killed leaves no lock, and no half of a migration that nobody is told of", async () => {
      const url = await engine.url();
      const { child, output } = run(url, "hang");
      await until(() => output() === "inside", { timeoutMs: 60_000 });
      child.kill("SIGKILL");
      await until(() => child.signalCode !== null);
      await using db = new DatabaseService({
        url,
        migrations: [
          { ...create("first"), name: "first" },
          { ...create("second"), name: "second" },
        ],
      });
      // MySQL commits before it changes the schema: the table is there, and somebody has to look at it
      const left = engine.name === "mysql";
      const first = await db.migrate.latest().then(
        (names) => names.join(),
        (error: Error) => error.message,
      );
      expect(first).toMatch(
        left
          ? /^the migration second was begun and never ended: .* infra-db resolve second/
          : /^second$/,
      );
      if (left) {
        await db.knex.schema.dropTable("second");
        await db.migrate.resolve("second", "pending");
        await db.migrate.latest();
      }
      expect((await db.migrate.status()).map(({ state }) => state)).toEqual(["applied", "applied"]);
    }, 90_000);
  },
  ["postgres", "mysql", "sqlite"],
);
