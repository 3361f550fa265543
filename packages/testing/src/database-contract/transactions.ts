import { SerializationError } from "@infra/database";

import type { ContractSuite } from "../database-contract.js";
import { describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";
import { useTitles } from "./titles.js";

/** Transactions: ambient for all that is called in them; what becomes of them, and who is told. */
export function describeDatabaseTransactions(suite: ContractSuite): void {
  const { db, oneTransaction } = suite;

  describe("transaction()", () => {
    const { add, titles } = useTitles(suite);

    it("commits when the work resolves and gives its value", async () => {
      expect(await db().transaction(async () => (await add("a"), 7))).toBe(7);
      expect(await titles()).toEqual(["a"]);
    });

    it("rolls back and rethrows when the work rejects", async () => {
      const mistake = new Error("mistake");
      const outcome = db().transaction(async () => {
        await add("a");
        throw mistake;
      });
      await expect(outcome).rejects.toBe(mistake);
      expect(await titles()).toEqual([]);
    });

    it("is ambient for every handle: query, sql, table, knex", async () => {
      const outcome = db().transaction(async () => {
        await add("query");
        await db().sql`insert into titles (title) values (${"sql"})`;
        await db().table("titles").insert({ title: "table" });
        await db().knex("titles").insert({ title: "knex" });
        expect(await titles()).toEqual(["query", "sql", "table", "knex"]);
        expect(db().stats().pool.used).toBe(1);
        throw new Error("no");
      });
      await expect(outcome).rejects.toThrow("no");
      expect(await titles()).toEqual([]);
    });

    // regression: a builder runs when it is awaited, which was outside of the transaction that it had been made in
    it("work may give a builder of knex: it runs inside", async () => {
      await db()
        .transaction(async () => {
          await db().transaction(() => db().table("titles").insert({ title: "joined" }));
          await db().transaction(() => db().table("titles").insert({ title: "nested" }), {
            propagation: "nested",
          });
          throw new Error("no");
        })
        .catch(() => {});
      expect(await titles()).toEqual([]);
      await db().transaction(() => db().table("titles").insert({ title: "kept" }));
      await db()
        .transaction(() => db().table("titles").insert({ title: "kept" }))
        .catch(() => {});
      expect(await titles()).toEqual(["kept"]);
    });

    itUnless(suite.noSchemaTransaction, "a schema change is part of it", async () => {
      const outcome = db().transaction(async () => {
        await db().knex.schema.createTable("made_inside", (table) => table.increments("id"));
        throw new Error("no");
      });
      await expect(outcome).rejects.toThrow("no");
      expect(await db().knex.schema.hasTable("made_inside")).toBe(false);
    });

    it("lets statements of one transaction be started side by side", async () => {
      await db().transaction(() => Promise.all(["a", "b", "c", "d", "e", "f"].map(add)));
      expect(await titles()).toHaveLength(6);
    });

    // regression: at the pool's limit every transaction waited for a second connection
    it("does not dead-lock on root queries when every connection has a transaction", async () => {
      await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          db().transaction(async () => {
            await add(`t${at}`);
            await db().knex("titles").count();
          }),
        ),
      );
      expect(await titles()).toHaveLength(12);
    }, 20_000);

    it("knex.transaction() gives a handle of its own, which is refused once it is over", async () => {
      const trx = await db().knex.transaction();
      const addBy = async (title: string): Promise<unknown> => trx("titles").insert({ title });
      await addBy("a");
      await trx.commit();
      await expect(addBy("b")).rejects.toThrow(/already complete/);
      expect(await titles()).toEqual(["a"]);
      expect(db().stats().pool.used).toBe(0);
    });

    // not every engine would: there the transaction would go on, and half of it be committed
    it("rejects when the failure of a statement was swallowed", async () => {
      const outcome = db().transaction(async () => {
        await add("a");
        await add("a").catch(() => {});
      });
      await expect(outcome).rejects.toMatchObject({
        code: "ERR_DATABASE_ROLLED_BACK",
        cause: { code: "ERR_DATABASE_UNIQUE" },
      });
      expect(await titles()).toEqual([]);
      expect(await db().query("select 1 as one")).toEqual([{ one: 1 }]);
    });

    it("refuses statements of code that outlived the transaction", async () => {
      let late!: Promise<unknown>;
      let end!: () => void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      await db().transaction(async () => {
        late = ended.then(() => add("late"));
        late.catch(() => {});
      });
      end();
      await expect(late).rejects.toMatchObject({ code: "ERR_DATABASE_TRANSACTION_CLOSED" });
      expect(await titles()).toEqual([]);
    });

    it("takes every isolation, refuses another one when joining, and writes when readOnly", async () => {
      const levels = ["read committed", "repeatable read", "serializable"] as const;
      for (const isolation of levels) {
        await db().transaction(() => add(isolation), { isolation });
        await db().transaction(titles, { isolation, readOnly: true });
      }
      const joining = db().transaction(
        () => db().transaction(() => add("x"), { isolation: "repeatable read" }),
        { isolation: "serializable" },
      );
      await expect(joining).rejects.toMatchObject({ code: "ERR_DATABASE_TRANSACTION_STATE" });
      const writing = db().transaction(() => add("x"), { readOnly: true });
      await expect(writing).rejects.toMatchObject({ code: "ERR_DATABASE_QUERY" });
      await add("written");
      expect(await titles()).toEqual([...levels, "written"]);
    });

    it("retries: runs the work again after a serialisation failure, as often as asked", async () => {
      let runs = 0;
      const conflict = async (): Promise<void> => {
        runs += 1;
        await add(`run ${runs}`);
        if (runs < 3) throw new SerializationError("again", { details: {} });
      };
      const before = db().stats().transactions.retried;
      await db().transaction(conflict, { retries: 2 });
      expect(await titles()).toEqual(["run 3"]);
      runs = 0;
      await expect(db().transaction(conflict, { retries: 1 })).rejects.toMatchObject({
        code: "ERR_DATABASE_SERIALIZATION",
      });
      expect(runs).toBe(2);
      expect(db().stats().transactions.retried - before).toBe(3);
    });

    it("afterCommit and afterRollback call back once the outcome stands, outside of the transaction", async () => {
      const calls: string[] = [];
      const note = (call: string) => async (): Promise<void> => {
        calls.push(`${call} ${(await titles()).length}`);
      };
      db().afterCommit(() => void calls.push("at once"));
      db().afterRollback(() => void calls.push("never"));
      await db().transaction(async () => {
        db().afterCommit(note("commit"));
        db().afterRollback(note("rollback"));
        await add("a");
        await db()
          .transaction(
            async () => {
              db().afterCommit(note("nested commit"));
              db().afterRollback(() => void calls.push("nested rollback"));
              throw new Error("no");
            },
            { propagation: "nested" },
          )
          .catch(() => {});
        await db().transaction(async () => db().afterCommit(note("kept")), {
          propagation: "nested",
        });
        calls.push("work done");
      });
      expect(calls).toEqual(["at once", "nested rollback", "work done", "commit 1", "kept 1"]);
      calls.length = 0;
      const failing = db().transaction(async () => {
        db().afterRollback(note("rollback"));
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(calls).toEqual(["rollback 1"]);
    });

    it("a callback that throws changes nothing", async () => {
      await db().transaction(async () => {
        db().afterCommit(() => {
          throw new Error("listener");
        });
        await add("a");
      });
      expect(await titles()).toEqual(["a"]);
    });

    it("signal: rolls back, and refuses what comes after", async () => {
      const controller = new AbortController();
      let after!: Promise<unknown>;
      const outcome = db().transaction(
        async () => {
          await add("a");
          controller.abort(new Error("client went away"));
          after = add("b");
          after.catch(() => {});
          await after;
        },
        { signal: controller.signal },
      );
      await expect(outcome).rejects.toMatchObject({ code: "ERR_DATABASE_CANCELLED" });
      await expect(after).rejects.toMatchObject({ code: "ERR_DATABASE_TRANSACTION_CLOSED" });
      expect(await titles()).toEqual([]);
      const late = db().transaction(() => add("x"), { signal: controller.signal });
      await expect(late).rejects.toMatchObject({ code: "ERR_DATABASE_CANCELLED" });
    });

    itUnless(
      oneTransaction,
      "retries a real deadlock until both are through",
      async () => {
        await add("1");
        await add("2");
        await db().knex.schema.createTable("counters", (table) => {
          table.integer("id").primary();
          table.integer("n").notNullable();
        });
        await db().insertMany("counters", [
          { id: 1, n: 0 },
          { id: 2, n: 0 },
        ]);
        const before = db().stats().transactions.retried;
        let arrived = 0;
        let open!: () => void;
        const both = new Promise<void>((resolve) => (open = resolve));
        const bump = (first: number, second: number): Promise<void> =>
          db().transaction(
            async () => {
              await db().query("update counters set n = n + 1 where id = ?", [first]);
              arrived += 1;
              if (arrived === 2) open();
              await both;
              await db().query("update counters set n = n + 1 where id = ?", [second]);
            },
            { retries: 3 },
          );
        await Promise.all([bump(1, 2), bump(2, 1)]);
        expect(await db().knex("counters").orderBy("id").pluck("n")).toEqual([2, 2]);
        expect(db().stats().transactions.retried).toBeGreaterThan(before);
      },
      20_000,
    );
  });
}
