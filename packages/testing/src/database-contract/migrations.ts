import type { DatabaseService, Migration, Seed } from "@infra/database";

import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach, describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";

const create = (table: string): Migration => ({
  name: `create_${table}`,
  up: (knex) => knex.schema.createTable(table, (columns) => columns.increments("id")),
  down: (knex) => knex.schema.dropTable(table),
});

/** Migrations and seeds. */
export function describeDatabaseMigrations(suite: ContractSuite): void {
  const list: Migration[] = [];
  const seeds: Seed[] = [];
  let db: DatabaseService;

  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await db.migrate.status()).map(({ name, state }) => [name, state]));

  describe("migrate", () => {
    beforeAll(async () => {
      db = await suite.open({ migrations: list, seeds, maxConnections: 4 });
      await db.start();
    }, 60_000);

    beforeEach(async () => {
      list.length = 0;
      list.push(create("one"), create("two"));
      const tables = ["one", "two", "three", "half", "left", "infra_migrations"];
      for (const table of tables) await db.knex.schema.dropTableIfExists(table);
    });

    it("latest() runs what is missing, in order, and nothing twice", async () => {
      expect(await states()).toEqual({ create_one: "pending", create_two: "pending" });
      expect(await db.migrate.latest()).toEqual(["create_one", "create_two"]);
      expect(await db.migrate.latest()).toEqual([]);
      list.push(create("three"));
      expect(await db.migrate.latest()).toEqual(["create_three"]);
      expect(await db.knex("infra_migrations").orderBy("id").pluck("batch")).toEqual([1, 1, 2]);
      const [first] = await db.migrate.status();
      expect(first).toEqual({ name: "create_one", state: "applied", appliedAt: expect.any(Date) });
      expect(Math.abs(first!.appliedAt!.getTime() - Date.now())).toBeLessThan(60_000);
    });

    it("up() and down() go one step or several, and give nothing at the ends", async () => {
      expect(await db.migrate.up()).toEqual(["create_one"]);
      expect(await db.migrate.up()).toEqual(["create_two"]);
      expect(await db.migrate.up()).toEqual([]);
      expect(await db.migrate.down()).toEqual(["create_two"]);
      expect(await states()).toEqual({ create_one: "applied", create_two: "pending" });
      expect(await db.migrate.up({ steps: 5 })).toEqual(["create_two"]);
      expect(await db.migrate.down({ steps: 2 })).toEqual(["create_two", "create_one"]);
      expect(await db.migrate.down()).toEqual([]);
      expect(await db.knex.schema.hasTable("one")).toBe(false);
      await expect(db.migrate.up({ steps: 0 })).rejects.toThrow(RangeError);
    });

    it("status() knows what was applied and is gone", async () => {
      await db.migrate.latest();
      list.pop();
      expect(await states()).toEqual({ create_one: "applied", create_two: "missing" });
      await expect(db.migrate.down()).rejects.toMatchObject({
        code: "ERR_DATABASE_MIGRATION_SOURCE",
      });
    });

    itUnless(
      suite.noSchemaTransaction,
      "plan() is a dry run: names, statements, what would fail, and no change",
      async () => {
        list.push({
          name: "data",
          up: (knex) => knex("two").insert({ id: 7 }),
        });
        const plan = await db.migrate.plan();
        expect(plan.map(({ name, direction }) => `${direction} ${name}`)).toEqual([
          "up create_one",
          "up create_two",
          "up data",
        ]);
        expect(plan[0]!.statements).toEqual([expect.stringMatching(/^create table .one/)]);
        expect(plan[2]!.statements).toEqual([expect.stringMatching(/^insert into .two/)]);
        expect(await db.knex.schema.hasTable("one")).toBe(false);
        expect(await db.knex.schema.hasTable("infra_migrations")).toBe(false);
        await db.migrate.latest();
        expect(await db.migrate.plan()).toEqual([]);
        await expect(db.migrate.plan({ direction: "down" })).rejects.toThrow(/no function down/);
        list[2]!.down = (knex) => knex("two").where({ id: 7 }).delete();
        expect(await db.migrate.plan({ direction: "down", steps: 2 })).toMatchObject([
          { name: "data", statements: [expect.stringMatching(/^delete/)] },
          { name: "create_two", statements: [expect.stringMatching(/^drop table/)] },
        ]);
        list.push({ name: "broken", up: () => Promise.reject(new Error("not this one")) });
        await expect(db.migrate.plan()).rejects.toThrow(/broken failed going up: not this one/);
        expect(await states()).toMatchObject({ create_two: "applied", broken: "pending" });
      },
    );

    itUnless(
      suite.noSchemaTransaction === undefined ? "the statements can be tried" : undefined,
      "plan() is a dry run: the names, without trying the statements",
      async () => {
        expect(await db.migrate.plan({ steps: 1 })).toEqual([
          { name: "create_one", direction: "up", statements: undefined },
        ]);
        expect(await db.knex.schema.hasTable("one")).toBe(false);
      },
    );

    itUnless(
      suite.noSchemaTransaction,
      "a failing migration is rolled back whole, those before it stay",
      async () => {
        list.push({
          name: "broken",
          async up(knex) {
            await knex.schema.createTable("half", (columns) => columns.increments("id"));
            // the root handle joins as well
            await db.table("half").insert({ id: 1 });
            throw new Error("changed my mind");
          },
        });
        const outcome = db.migrate.latest();
        await expect(outcome).rejects.toMatchObject({
          code: "ERR_DATABASE_MIGRATION_FAILED",
          details: { migration: "broken", direction: "up", rolledBack: true },
        });
        expect(await states()).toMatchObject({ create_two: "applied", broken: "pending" });
        expect(await db.knex.schema.hasTable("half")).toBe(false);
      },
    );

    it("a failing migration of data alone is rolled back", async () => {
      list.push({
        name: "broken",
        async up(knex) {
          await knex("one").insert({ id: 5 });
          throw new Error("changed my mind");
        },
      });
      await expect(db.migrate.latest()).rejects.toMatchObject({
        message: expect.stringContaining("it was rolled back"),
        details: { migration: "broken", direction: "up", rolledBack: true },
      });
      expect(await states()).toMatchObject({ broken: "pending" });
      expect(await db.table("one")).toEqual([]);
    });

    it("one that can't be rolled back is named until somebody says what became of it", async () => {
      list.push({
        name: "halfway",
        transaction: false,
        async up() {
          await db.knex.schema.createTable("left", (columns) => columns.increments("id"));
          throw new Error("power cut");
        },
      });
      const interrupted = { code: "ERR_DATABASE_MIGRATION_INTERRUPTED", status: 500 };
      await expect(db.migrate.latest()).rejects.toMatchObject({
        message: expect.stringMatching(/halfway failed going up: power cut .* stays: mend it/),
        details: { migration: "halfway", direction: "up", rolledBack: false },
      });
      expect(await states()).toMatchObject({ create_two: "applied", halfway: "interrupted" });
      await expect(db.migrate.latest()).rejects.toMatchObject(interrupted);
      await expect(db.migrate.down()).rejects.toThrow(/halfway was begun and never ended/);
      await db.knex.schema.dropTable("left");
      await db.migrate.resolve("halfway", "pending");
      list[2]!.up = (knex) =>
        knex.schema.createTable("left", (columns) => columns.increments("id"));
      expect(await db.migrate.latest()).toEqual(["halfway"]);
      await expect(db.migrate.resolve("halfway", "applied")).rejects.toThrow(/is not interrupted/);
      await expect(db.migrate.resolve("halfway", "done" as "applied")).rejects.toThrow(RangeError);
    });

    it("calls at once take turns: each migration runs once, also outside of a transaction", async () => {
      const runs: string[] = [];
      list.push({ ...create("three"), transaction: false });
      for (const migration of list) {
        const up = migration.up.bind(migration);
        migration.up = async (knex) => {
          runs.push(migration.name);
          await up(knex);
        };
      }
      const done = await Promise.all([
        db.migrate.latest(),
        db.migrate.latest(),
        db.migrate.latest(),
      ]);
      expect(runs).toEqual(["create_one", "create_two", "create_three"]);
      expect(done.flat().toSorted()).toEqual(["create_one", "create_three", "create_two"]);
    }, 20_000);

    it("is refused inside a transaction, with two of one name, and down without down()", async () => {
      await expect(db.transaction(() => db.migrate.latest())).rejects.toMatchObject({
        code: "ERR_DATABASE_TRANSACTION_STATE",
      });
      list.push(create("one"));
      await expect(db.migrate.latest()).rejects.toThrow(/two migrations are called "create_one"/);
      list.length = 0;
      list.push({ name: "no_way_back", up: () => Promise.resolve() });
      await db.migrate.latest();
      await expect(db.migrate.down()).rejects.toThrow(/no_way_back has no function down/);
    });

    it("seed.run() runs seeds in order, each in a transaction, as often as asked", async () => {
      await db.migrate.latest();
      seeds.push(
        { name: "first", seed: (knex) => knex("one").insert({ id: 1 }) },
        {
          name: "second",
          async seed(knex) {
            await knex("one").insert({ id: 2 });
            await db.table("two").insert({ id: 2 });
          },
        },
      );
      expect(await db.seed.run()).toEqual(["first", "second"]);
      await db.table("one").where({ id: 2 }).delete();
      await expect(db.seed.run({ only: ["second"] })).rejects.toMatchObject({
        code: "ERR_DATABASE_SEED_FAILED",
        details: { seed: "second" },
      });
      expect(await db.knex("one").pluck("id")).toEqual([1]);
      await expect(db.seed.run({ only: ["third"] })).rejects.toThrow(/no seed "third"/);
    });
  });
}
