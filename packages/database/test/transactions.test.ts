import { beforeAll, beforeEach, expect, it } from "@jest/globals";

import {
  CancelledError,
  RolledBackError,
  SerializationError,
  TransactionClosedError,
  TransactionStateError,
  UniqueViolationError,
  type DatabaseService,
} from "../src/index.js";
import { describeOnEngines } from "./engines.js";

describeOnEngines("transaction()", (engine) => {
  let db: DatabaseService;

  const add = (title: string): Promise<unknown> =>
    db.query("insert into notes (title) values (?)", [title]);
  const titles = (): Promise<string[]> =>
    db.table<{ title: string }>("notes").orderBy("id").pluck("title");

  beforeAll(async () => {
    db = await engine.open({ maxConnections: 4, acquireTimeout: "2s" });
    await db.knex.schema.createTable("notes", (table) => {
      table.increments("id");
      table.text("title").notNullable().unique();
    });
  }, 60_000);

  beforeEach(async () => {
    await db.query("truncate notes restart identity");
  });

  it("commits when the work resolves and gives its value", async () => {
    expect(await db.transaction(async () => (await add("a"), 7))).toBe(7);
    expect(await titles()).toEqual(["a"]);
  });

  it("rolls back and rethrows when the work rejects", async () => {
    const mistake = new Error("mistake");
    await expect(
      db.transaction(async () => {
        await add("a");
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    expect(await titles()).toEqual([]);
  });

  it("is ambient for every handle: query, sql, table, knex, schema", async () => {
    await expect(
      db.transaction(async () => {
        await add("query");
        await db.sql`insert into notes (title) values (${"sql"})`;
        await db.table("notes").insert({ title: "table" });
        await db.knex("notes").insert({ title: "knex" });
        await db.knex.schema.createTable("made_inside", (table) => table.increments("id"));
        expect(await titles()).toEqual(["query", "sql", "table", "knex"]);
        expect(db.stats().pool.used).toBe(1);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await titles()).toEqual([]);
    expect(await db.knex.schema.hasTable("made_inside")).toBe(false);
  });

  it("lets statements of one transaction be started side by side", async () => {
    await db.transaction(() => Promise.all(["a", "b", "c", "d", "e", "f"].map(add)));
    expect((await titles()).length).toBe(6);
  });

  // regression: at the pool's limit every transaction waited for a second connection
  it("does not dead-lock on root queries when every connection has a transaction", async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        db.transaction(async () => {
          await add(`t${at}`);
          await db.knex("notes").select("*");
        }),
      ),
    );
    expect((await titles()).length).toBe(12);
  });

  it("required: joins, and a joined failure that is caught on the way rolls all of it back", async () => {
    const outcome = db.transaction(async () => {
      await add("outer");
      await db
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
    await db.transaction(async () => {
      await add("outer");
      const inner = db.transaction(
        async () => {
          await add("inner");
          await add("outer");
        },
        { propagation: "nested" },
      );
      await expect(inner).rejects.toThrow(UniqueViolationError);
      await db.transaction(() => add("second"), { propagation: "nested" });
    });
    expect(await titles()).toEqual(["outer", "second"]);
  });

  it("knex.transaction() inside is a savepoint of the ambient one", async () => {
    await db.transaction(async () => {
      await add("outer");
      await db.knex
        .transaction(async (trx) => {
          await trx("notes").insert({ title: "inner" });
          throw new Error("no");
        })
        .catch(() => {});
    });
    expect(await titles()).toEqual(["outer"]);
  });

  it("rejects when a failed statement was swallowed and COMMIT rolled back", async () => {
    const outcome = db.transaction(async () => {
      await add("a");
      await add("a").catch(() => {});
    });
    await expect(outcome).rejects.toThrow(RolledBackError);
    expect(await titles()).toEqual([]);
    expect(await db.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("refuses statements of code that outlived the transaction", async () => {
    let late!: Promise<unknown>;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    await db.transaction(async () => {
      late = ended.then(() => add("late"));
      late.catch(() => {});
    });
    end();
    await expect(late).rejects.toThrow(TransactionClosedError);
    expect(await titles()).toEqual([]);
  });

  it("applies isolation and readOnly, and refuses another isolation when joining", async () => {
    await db.transaction(
      async () => {
        expect(await db.query("show transaction_isolation")).toEqual([
          { transaction_isolation: "serializable" },
        ]);
        await expect(
          db.transaction(() => add("x"), { isolation: "repeatable read" }),
        ).rejects.toThrow(TransactionStateError);
      },
      { isolation: "serializable" },
    );
    await expect(db.transaction(() => add("x"), { readOnly: true })).rejects.toMatchObject({
      details: { sqlState: "25006" },
    });
  });

  it("retries: runs the work again after a serialisation failure, as often as asked", async () => {
    let runs = 0;
    const conflict = async (): Promise<void> => {
      runs += 1;
      await add(`run ${runs}`);
      if (runs < 3)
        await db.query("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
    };
    await db.transaction(conflict, { retries: 2 });
    expect(await titles()).toEqual(["run 3"]);
    runs = 0;
    await expect(db.transaction(conflict, { retries: 1 })).rejects.toThrow(SerializationError);
    expect(runs).toBe(2);
    expect(db.stats().transactions.retried).toBe(3);
  });

  it("afterCommit and afterRollback call back once the outcome stands, outside of the transaction", async () => {
    const calls: string[] = [];
    const note = (call: string) => async (): Promise<void> => {
      calls.push(`${call} ${(await titles()).length}`);
    };
    db.afterCommit(() => void calls.push("at once"));
    db.afterRollback(() => void calls.push("never"));
    await db.transaction(async () => {
      db.afterCommit(note("commit"));
      db.afterRollback(note("rollback"));
      await add("a");
      await db
        .transaction(
          async () => {
            db.afterCommit(note("nested commit"));
            db.afterRollback(() => void calls.push("nested rollback"));
            throw new Error("no");
          },
          { propagation: "nested" },
        )
        .catch(() => {});
      await db.transaction(async () => db.afterCommit(note("kept")), { propagation: "nested" });
      calls.push("work done");
    });
    expect(calls).toEqual(["at once", "nested rollback", "work done", "commit 1", "kept 1"]);
    calls.length = 0;
    await db
      .transaction(async () => {
        db.afterRollback(note("rollback"));
        throw new Error("no");
      })
      .catch(() => {});
    expect(calls).toEqual(["rollback 1"]);
  });

  it("a callback that throws changes nothing", async () => {
    await db.transaction(async () => {
      db.afterCommit(() => {
        throw new Error("listener");
      });
      await add("a");
    });
    expect(await titles()).toEqual(["a"]);
  });

  it("signal: rolls back, and refuses what comes after", async () => {
    const controller = new AbortController();
    let after!: Promise<unknown>;
    const outcome = db.transaction(
      async () => {
        await add("a");
        controller.abort(new Error("client went away"));
        after = add("b");
        after.catch(() => {});
        await after;
      },
      { signal: controller.signal },
    );
    await expect(outcome).rejects.toThrow(CancelledError);
    await expect(after).rejects.toThrow(TransactionClosedError);
    expect(await titles()).toEqual([]);
    await expect(db.transaction(() => add("x"), { signal: controller.signal })).rejects.toThrow(
      CancelledError,
    );
  });
});

describeOnEngines(
  "transaction({ propagation: 'requires-new' })",
  (engine) => {
    it("is refused at once where one transaction runs at a time", async () => {
      const db = await engine.open();
      await db.transaction(() => db.query("select 1"), { propagation: "requires-new" });
      const inside = (): Promise<unknown> =>
        db.transaction(() => db.query("select 1"), { propagation: "requires-new" });
      await expect(db.transaction(inside)).rejects.toThrow(TransactionStateError);
    }, 60_000);
  },
  ["embedded"],
);

describeOnEngines(
  "transaction() between connections",
  (engine) => {
    let db: DatabaseService;
    beforeAll(async () => {
      db = await engine.open({ maxConnections: 4 });
      await db.query("create table counters (id int primary key, n int not null)");
      await db.query("insert into counters values (1, 0), (2, 0)");
    }, 60_000);

    it("requires-new: a transaction of its own, which stays when the outer one fails", async () => {
      const outcome = db.transaction(async () => {
        await db.query("insert into counters values (8, 0)");
        await db.transaction(() => db.query("insert into counters values (9, 0)"), {
          propagation: "requires-new",
        });
        throw new Error("outer failed");
      });
      await expect(outcome).rejects.toThrow("outer failed");
      expect(await db.query("delete from counters where id > 7 returning id")).toEqual([{ id: 9 }]);
    });

    it("retries a real deadlock until both are through", async () => {
      let arrived = 0;
      let open!: () => void;
      const both = new Promise<void>((resolve) => (open = resolve));
      const bump = (first: number, second: number): Promise<void> =>
        db.transaction(
          async () => {
            await db.query("update counters set n = n + 1 where id = ?", [first]);
            arrived += 1;
            if (arrived === 2) open();
            await both;
            await db.query("update counters set n = n + 1 where id = ?", [second]);
          },
          { retries: 3 },
        );
      await Promise.all([bump(1, 2), bump(2, 1)]);
      expect(await db.query("select n from counters order by id")).toEqual([{ n: 2 }, { n: 2 }]);
      expect(db.stats().transactions.retried).toBeGreaterThan(0);
    }, 20_000);

    it("signal: cancels the statement that runs on the server", async () => {
      const startedAt = performance.now();
      const controller = new AbortController();
      const outcome = db.transaction(
        async () => {
          const slow = db.query("select pg_sleep(20)");
          setTimeout(() => controller.abort(), 100);
          await slow;
        },
        { signal: controller.signal },
      );
      await expect(outcome).rejects.toThrow(CancelledError);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(db.stats().pool.used).toBe(0);
    }, 20_000);
  },
  ["postgres"],
);
