import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach, describe, expect, it } from "../runner.js";

interface Item {
  id: number;
  name: string;
  stock: number;
}

async function* manyRows(): AsyncGenerator<object> {
  for (let id = 1; id <= 25_000; id += 1) yield { id, name: `n${id}`, stock: id };
}

/** Many rows at once. */
export function describeDatabaseWrites({ db }: ContractSuite): void {
  const all = (): Promise<Item[]> => db().table<Item>("items").orderBy("id");

  describe("insertMany() and upsertMany()", () => {
    beforeAll(() =>
      db().knex.schema.createTable("items", (table) => {
        table.integer("id").primary();
        table.string("name").notNullable();
        table.integer("stock").notNullable().defaultTo(5);
      }),
    );

    beforeEach(async () => {
      await db().query("delete from items");
    });

    it("inserts more rows than one statement can bind, from any iterable", async () => {
      expect(await db().insertMany("items", manyRows(), { batchSize: 20_000 })).toBe(25_000);
      expect(Number((await db().table("items").count({ n: "*" }))[0]!["n"])).toBe(25_000);
      expect(await db().insertMany("items", [])).toBe(0);
    }, 30_000);

    // regression: SQLite can't be told DEFAULT inside of VALUES, and knex inserts NULL instead
    it("leaves to the table what a row does not give, whatever the others give", async () => {
      await db().insertMany("items", [
        { id: 1, name: "a" },
        { id: 2, name: "b", stock: 1 },
        { stock: undefined, name: "c", id: 3 },
      ]);
      expect((await all()).map(({ stock }) => stock)).toEqual([5, 1, 5]);
    });

    it("inserts all or none", async () => {
      const rows = [
        { id: 1, name: "a" },
        { id: 2, name: "b" },
        { id: 1, name: "again" },
      ];
      const outcome = db().insertMany("items", rows, { batchSize: 1 });
      await expect(outcome).rejects.toMatchObject({ code: "ERR_DATABASE_UNIQUE" });
      expect(await all()).toEqual([]);
      await expect(db().insertMany("items", rows, { batchSize: 0 })).rejects.toThrow(RangeError);
    });

    it("upsertMany() changes what is there: all columns, some, or none", async () => {
      const rows = [
        { id: 1, name: "a", stock: 1 },
        { id: 2, name: "b", stock: 2 },
      ];
      expect(await db().upsertMany<Item>("items", rows, { key: ["id"] })).toBe(2);
      await db().upsertMany<Item>("items", [{ id: 1, name: "A", stock: 10 }], { key: ["id"] });
      await db().upsertMany<Item>("items", [{ id: 2, name: "B", stock: 20 }], {
        key: ["id"],
        update: ["stock"],
      });
      const ignored = [
        { id: 1, name: "no", stock: 0 },
        { id: 3, name: "c", stock: 3 },
      ];
      await db().upsertMany<Item>("items", ignored, { key: ["id"], update: [] });
      expect(await all()).toEqual([
        { id: 1, name: "A", stock: 10 },
        { id: 2, name: "b", stock: 20 },
        { id: 3, name: "c", stock: 3 },
      ]);
      await expect(db().upsertMany<Item>("items", rows, { key: [] })).rejects.toThrow(/key must/);
    });
  });
}
