import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach, describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";

interface Note {
  id: number;
  title: string;
  done: number | null;
}

/** Asking, in every way that there is. */
export function describeDatabaseQueries(suite: ContractSuite): void {
  const { db } = suite;
  const fill = async (): Promise<void> => {
    await db().insertMany("notes", [
      { id: 1, title: "it's" },
      { id: 2, title: "a ? b" },
      { id: 3, title: "c", done: 1 },
    ]);
  };
  describe("queries", () => {
    beforeAll(() =>
      db().knex.schema.createTable("notes", (table) => {
        table.increments("id");
        table.string("title").notNullable();
        table.integer("done");
      }),
    );

    beforeEach(async () => {
      await db().query("delete from notes");
    });

    it("query() binds and gives rows; a NULL is null, undefined is refused", async () => {
      await fill();
      expect(await db().query("select * from notes where title = ?", ["it's"])).toEqual([
        { id: 1, title: "it's", done: null },
      ]);
      expect(await db().query("select id from notes where id > ?", [9])).toEqual([]);
      expect(await db().query("insert into notes (id, title) values (4, ?)", ["x"])).toEqual([]);
      await expect(db().query("select ?", [undefined])).rejects.toThrow(
        /bindings\[0\] is undefined/,
      );
      await expect(db().query(1 as never)).rejects.toThrow(TypeError);
    });

    it("table() and knex are builders of knex", async () => {
      await fill();
      const found = await db().table<Note>("notes").where({ title: "c" }).first();
      expect(found).toEqual({ id: 3, title: "c", done: 1 });
      expect(await db().knex<Note>("notes").orderBy("id", "desc").pluck("id")).toEqual([3, 2, 1]);
      expect(await db().table<Note>("notes").where({ id: 1 }).update({ title: "d" })).toBe(1);
      expect(await db().table<Note>("notes").whereIn("id", [1, 2]).delete()).toBe(2);
    });

    it("sql binds values, takes statements and builders as parts, and leaves ? in a text alone", async () => {
      await fill();
      const title = "a ? b";
      const matches = db().sql`title = ${title}`;
      const rows = await db().sql<Note>`select * from ${db().knex.ref("notes")} where ${matches}`;
      expect(rows.map(({ id }) => id)).toEqual([2]);
      const ids = db().knex("notes").select("id").where({ done: 1 });
      const first = await db().sql<Note>`select title from notes where id in (${ids})`.first();
      expect(first).toEqual({ title: "c" });
      const question = await db().sql`select '?' as mark, id from notes where id = ${1}`;
      expect(question).toEqual([{ mark: "?", id: 1 }]);
      expect(await db().sql`select id from notes where id = ${9}`.first()).toBeUndefined();
      await expect(db().sql`select ${undefined}`.run()).rejects.toThrow(/value 1 .* is undefined/);
    });

    // regression: mysql2 pastes an object as `name` = value, with which a request body rewrites the statement
    it("an object that is bound is a value, never a part of the statement", async () => {
      await fill();
      const sly = { title: 1 } as unknown as string;
      const found = await db()
        .query("select id from notes where title = ?", [sly])
        .catch(() => []);
      expect(found).toEqual([]);
      await db().query("insert into notes (id, title) values (?, ?)", [7, { a: [1, "x"] }]);
      const [stored] = await db().query<Note>("select title from notes where id = ?", [7]);
      expect(JSON.parse(stored!.title)).toEqual({ a: [1, "x"] });
    });

    it("stream() reads in batches, and gives the connection back however it ends", async () => {
      const rows = Array.from({ length: 250 }, (_, at) => ({ id: at + 1, title: `n${at}` }));
      await db().insertMany("notes", rows);
      const all = db().table<Note>("notes").where("id", ">", 50).orderBy("id");
      const ids: number[] = [];
      for await (const { id } of db().stream<Note>(all, { batchSize: 30 })) ids.push(id);
      expect(ids).toEqual(Array.from({ length: 200 }, (_, at) => at + 51));
      const query = db().sql<Note>`select * from notes where id > ${245} order by id`;
      const some: string[] = [];
      for await (const { title } of db().stream<Note>(query, { batchSize: 2 })) {
        some.push(title);
        if (some.length === 3) break;
      }
      expect(some).toEqual(["n245", "n246", "n247"]);
      const failing = db().stream(db().knex.raw("select * from nowhere"));
      await expect(failing.next()).rejects.toMatchObject({ code: "ERR_DATABASE_QUERY" });
      const thrown = async (): Promise<void> => {
        for await (const _ of db().stream(all)) throw new Error("enough");
      };
      await expect(thrown()).rejects.toThrow("enough");
      expect(db().stats().pool.used).toBe(0);
      expect(await db().table("notes").where({ id: 250 })).toHaveLength(1);
      await expect(db().stream(all, { batchSize: 0 }).next()).rejects.toThrow(RangeError);
    });

    it("stream() reads what its transaction has written, and ends with its signal", async () => {
      const seen: number[] = [];
      await db()
        .transaction(async () => {
          await fill();
          for await (const { id } of db().stream<Note>(db().knex("notes").orderBy("id"))) {
            seen.push(id);
          }
          throw new Error("no");
        })
        .catch(() => {});
      expect(seen).toEqual([1, 2, 3]);
      await db().insertMany(
        "notes",
        Array.from({ length: 50 }, (_, at) => ({ id: at + 1, title: "x" })),
      );
      const controller = new AbortController();
      const rows = db().stream<Note>(db().knex("notes").orderBy("id"), {
        batchSize: 10,
        signal: controller.signal,
      });
      const read = async (): Promise<void> => {
        for await (const { id } of rows) if (id === 15) controller.abort();
      };
      await expect(read()).rejects.toMatchObject({ code: "ERR_DATABASE_CANCELLED" });
      expect(db().stats().pool.used).toBe(0);
    });

    itUnless(
      suite.noAskingWhileStreaming,
      "what reads a stream in a transaction can go on asking in it",
      async () => {
        await fill();
        await db().transaction(async () => {
          for await (const { id } of db().stream<Note>(db().knex("notes"), { batchSize: 1 })) {
            await db().table("notes").where({ id }).update({ done: id });
          }
        });
        expect(await db().knex("notes").orderBy("id").pluck("done")).toEqual([1, 2, 3]);
      },
    );

    it("stats() counts statements, errors and transactions", async () => {
      const before = db().stats();
      await db().query("select 1");
      await db()
        .query("selec")
        .catch(() => {});
      await db().transaction(() => db().query("select 1"));
      await db()
        .transaction(() => Promise.reject(new Error("no")))
        .catch(() => {});
      const after = db().stats();
      expect(after.queries - before.queries).toBe(7);
      expect(after.errors - before.errors).toBe(1);
      expect(after.transactions.committed - before.transactions.committed).toBe(1);
      expect(after.transactions.rolledBack - before.transactions.rolledBack).toBe(1);
      expect(after.pool).toMatchObject({ used: 0, pending: 0 });
    });
  });
}
