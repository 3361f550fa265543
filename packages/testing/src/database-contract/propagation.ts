import type { ContractSuite } from "../database-contract.js";
import { describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";
import { useTitles } from "./titles.js";

/** What a transaction inside another is: a part of it, a savepoint in it, or one apart. */
export function describeDatabasePropagation(suite: ContractSuite): void {
  const { db, oneTransaction } = suite;
  const apart = { propagation: "requires-new" } as const;

  describe("transaction() inside another", () => {
    const { add, titles } = useTitles(suite);

    it("required: joins, and a joined failure that is caught on the way rolls all of it back", async () => {
      const outcome = db().transaction(async () => {
        await add("outer");
        await db()
          .transaction(async () => {
            await add("inner");
            throw new Error("inner failed");
          })
          .catch(() => {});
      });
      await expect(outcome).rejects.toMatchObject({
        code: "ERR_DATABASE_ROLLED_BACK",
        cause: { message: "inner failed" },
      });
      expect(await titles()).toEqual([]);
    });

    it("nested: a failure rolls back to the savepoint only", async () => {
      await db().transaction(async () => {
        await add("outer");
        const inner = db().transaction(
          async () => {
            await add("inner");
            await add("outer");
          },
          { propagation: "nested" },
        );
        await expect(inner).rejects.toMatchObject({ code: "ERR_DATABASE_UNIQUE" });
        await db().transaction(() => add("second"), { propagation: "nested" });
      });
      expect(await titles()).toEqual(["outer", "second"]);
    });

    it("knex.transaction() inside is a savepoint of the ambient one", async () => {
      await db().transaction(async () => {
        await add("outer");
        await db()
          .knex.transaction(async (trx) => {
            await trx("titles").insert({ title: "inner" });
            await trx("titles").insert({ title: "outer" });
          })
          .catch(() => {});
      });
      expect(await titles()).toEqual(["outer"]);
    });

    itUnless(oneTransaction, "requires-new: stays when the outer one fails", async () => {
      const outcome = db().transaction(async () => {
        // no title of another test: MySQL keeps others from around one that is there again before it is quite gone
        await add("rolled back");
        await db().transaction(() => add("apart"), apart);
        throw new Error("outer failed");
      });
      await expect(outcome).rejects.toThrow("outer failed");
      expect(await titles()).toEqual(["apart"]);
    });

    itUnless(
      oneTransaction === undefined ? "there can be several transactions" : undefined,
      "requires-new inside another is refused at once",
      async () => {
        await db().transaction(() => add("alone"), apart);
        const outcome = db().transaction(() => db().transaction(() => add("x"), apart));
        await expect(outcome).rejects.toMatchObject({ code: "ERR_DATABASE_TRANSACTION_STATE" });
      },
    );
  });
}
