import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterAll, beforeAll, beforeEach, expect, it } from "@jest/globals";

import {
  DatabaseService,
  MigrationError,
  MigrationSourceError,
  StoppedError,
  TransactionStateError,
  type Migration,
} from "../src/index.js";
import { describeOnEngines } from "./engines.js";
import { until } from "./until.js";

const create = (table: string): Migration => ({
  name: `create_${table}`,
  up: (knex) => knex.schema.createTable(table, (columns) => columns.increments("id")),
  down: (knex) => knex.schema.dropTable(table),
});

describeOnEngines("migrate", (engine) => {
  const list: Migration[] = [];
  let db: DatabaseService;

  beforeAll(async () => {
    db = await engine.open({ migrations: list });
    await db.start();
  }, 60_000);

  beforeEach(async () => {
    list.length = 0;
    list.push(create("one"), create("two"));
    await db.query("drop schema public cascade");
    await db.query("create schema public");
  });

  const states = async (): Promise<unknown> =>
    Object.fromEntries((await db.migrate.status()).map(({ name, state }) => [name, state]));

  it("latest() runs what is missing, in order, and nothing twice", async () => {
    expect(await states()).toEqual({ create_one: "pending", create_two: "pending" });
    expect(await db.migrate.latest()).toEqual(["create_one", "create_two"]);
    expect(await db.migrate.latest()).toEqual([]);
    list.push(create("three"));
    expect(await db.migrate.latest()).toEqual(["create_three"]);
    expect(await db.knex("infra_migrations").orderBy("id").pluck("batch")).toEqual([1, 1, 2]);
    const [first] = await db.migrate.status();
    expect(first).toEqual({ name: "create_one", state: "applied", appliedAt: expect.any(Date) });
  });

  it("up() and down() go one step, and give nothing at the ends", async () => {
    expect(await db.migrate.up()).toEqual(["create_one"]);
    expect(await db.migrate.up()).toEqual(["create_two"]);
    expect(await db.migrate.up()).toEqual([]);
    expect(await db.migrate.down()).toEqual(["create_two"]);
    expect(await states()).toEqual({ create_one: "applied", create_two: "pending" });
    expect(await db.migrate.down()).toEqual(["create_one"]);
    expect(await db.migrate.down()).toEqual([]);
    expect(await db.knex.schema.hasTable("one")).toBe(false);
  });

  it("status() knows what was applied and is gone", async () => {
    await db.migrate.latest();
    list.pop();
    expect(await states()).toEqual({ create_one: "applied", create_two: "missing" });
    await expect(db.migrate.down()).rejects.toThrow(MigrationSourceError);
  });

  it("a failing migration is rolled back whole, those before it stay", async () => {
    list.push({
      name: "broken",
      async up(knex) {
        await knex.schema.createTable("half", (columns) => columns.increments("id"));
        // the root handle joins as well
        await db.query("insert into half default values");
        throw new Error("changed my mind");
      },
    });
    const outcome = db.migrate.latest();
    await expect(outcome).rejects.toThrow(MigrationError);
    await expect(outcome).rejects.toMatchObject({
      details: { migration: "broken", direction: "up" },
    });
    expect(await states()).toEqual({
      create_one: "applied",
      create_two: "applied",
      broken: "pending",
    });
    expect(await db.knex.schema.hasTable("half")).toBe(false);
  });

  it("two calls at once take turns: each migration runs once", async () => {
    const runs: string[] = [];
    for (const migration of list) {
      const up = migration.up.bind(migration);
      migration.up = async (knex) => {
        runs.push(migration.name);
        await up(knex);
      };
    }
    const done = await Promise.all([db.migrate.latest(), db.migrate.latest(), db.migrate.latest()]);
    expect(runs).toEqual(["create_one", "create_two"]);
    expect(done.flat().toSorted()).toEqual(["create_one", "create_two"]);
  });

  it("is refused inside a transaction, without migrations, and with two of one name", async () => {
    await expect(db.transaction(() => db.migrate.latest())).rejects.toThrow(TransactionStateError);
    list.push(create("one"));
    await expect(db.migrate.latest()).rejects.toThrow(/two migrations are called "create_one"/);
    list.length = 0;
    list.push({ name: "no_way_back", up: () => Promise.resolve() });
    await db.migrate.latest();
    await expect(db.migrate.down()).rejects.toThrow(/no_way_back has no function down/);
  });

  it("stops between two migrations when the signal is aborted", async () => {
    const controller = new AbortController();
    list.splice(1, 0, { name: "abort", up: () => Promise.resolve(controller.abort()) });
    await expect(db.migrate.latest({ signal: controller.signal })).rejects.toMatchObject({
      code: "ERR_DATABASE_CANCELLED",
    });
    expect(await states()).toEqual({
      create_one: "applied",
      abort: "pending",
      create_two: "pending",
    });
  });
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
const db = new DatabaseService({
  url: process.argv[2],
  migrations: [
    {
      name: "first",
      up: async (knex) => {
        await knex.raw("create table first (id int)");
        // long enough for the others to come
        if (process.argv[3] === "slow") await knex.raw("select pg_sleep(2)");
      },
    },
    {
      name: "second",
      up: async (knex) => {
        await knex.raw("create table second (id int)");
        if (process.argv[3] === "hang") {
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
    const file = join(folder, "migrate.mts");
    beforeAll(async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(file, program);
    });

    const run = (...args: string[]): ReturnType<typeof spawn> & { output: () => string } => {
      const child = spawn(process.execPath, [...sourceFlags, file, ...args], {
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      return Object.assign(child, { output: () => output });
    };

    it("three that start together run each migration once", async () => {
      const url = await engine.url();
      const children = [run(url, "slow"), run(url, "slow"), run(url, "slow")];
      await until(() => children.every(({ exitCode }) => exitCode !== null));
      expect(children.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
      const done = children.flatMap((child) => JSON.parse(child.output()) as string[]);
      expect(done.toSorted()).toEqual(["first", "second"]);
    }, 30_000);

    // regression: knex's lock is a row that stays behind
    it("one that is killed in the middle leaves neither a lock nor half a migration", async () => {
      const url = await engine.url();
      const child = run(url, "hang");
      await until(() => child.output() === "inside");
      child.kill("SIGKILL");
      await until(() => child.signalCode !== null);
      const db = new DatabaseService({
        url,
        migrations: [
          { ...create("first"), name: "first" },
          { ...create("second"), name: "second" },
        ],
      });
      expect(await db.migrate.latest()).toEqual(["second"]);
      await db.stop();
    }, 30_000);
  },
  ["postgres"],
);
