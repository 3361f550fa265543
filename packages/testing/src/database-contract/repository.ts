import type { Repository } from "@infra/database";

import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach, describe, expect, it } from "../runner.js";

interface Task {
  id: number;
  title: string;
  rank: number;
  due: Date | number;
  version: number;
  deleted_at: Date | number | null;
}

/** Rows as objects. */
export function describeDatabaseRepository({ db }: ContractSuite): void {
  describe("repository()", () => {
    let tasks: Repository<Task>;

    beforeAll(async () => {
      await db().knex.schema.createTable("tasks", (table) => {
        table.increments("id");
        table.string("title").notNullable();
        table.integer("rank").notNullable().defaultTo(0);
        table.datetime("due", { precision: 6 });
        table.integer("version").notNullable();
        table.datetime("deleted_at");
      });
      tasks = db().repository<Task>("tasks", { softDelete: "deleted_at", version: "version" });
    });

    beforeEach(async () => {
      await db().query("delete from tasks");
    });

    it("creates, finds, changes and deletes", async () => {
      const made = await tasks.create({ title: "a" });
      expect(made).toMatchObject({ title: "a", rank: 0, version: 1, deleted_at: null });
      expect(await tasks.get(made.id)).toEqual(made);
      expect(await tasks.findBy({ title: "a" })).toEqual(made);
      expect(await tasks.update(made.id, { rank: 3 })).toMatchObject({ rank: 3, version: 2 });
      expect(await tasks.count({ rank: 3 })).toBe(1);
      await tasks.delete(made.id);
      expect(await tasks.find(made.id)).toBeUndefined();
      expect(await tasks.findBy({ title: "a" })).toBeUndefined();
      expect(await tasks.count()).toBe(0);
    });

    it("a row that is not there is an error where one is needed", async () => {
      const missing = { code: "ERR_DATABASE_ROW_NOT_FOUND", status: 404 };
      expect(await tasks.find(9)).toBeUndefined();
      await expect(tasks.get(9)).rejects.toMatchObject(missing);
      await expect(tasks.update(9, { rank: 1 })).rejects.toMatchObject(missing);
      await expect(tasks.delete(9)).rejects.toMatchObject(missing);
      await expect(tasks.restore(9)).rejects.toMatchObject(missing);
      await expect(tasks.find(undefined)).rejects.toThrow(TypeError);
    });

    it("softDelete: the row stays, unseen, and can be brought back", async () => {
      const { id } = await tasks.create({ title: "a" });
      await tasks.delete(id);
      const [row] = await db().table<Task>("tasks").where({ id });
      expect(row!.deleted_at).not.toBeNull();
      await expect(tasks.delete(id)).rejects.toMatchObject({ code: "ERR_DATABASE_ROW_NOT_FOUND" });
      expect(await tasks.restore(id)).toMatchObject({ id, deleted_at: null });
      const plain = db().repository<Task>("tasks");
      await plain.delete(id);
      expect(await db().table("tasks")).toEqual([]);
      await expect(plain.restore(id)).rejects.toThrow(/no softDelete/);
    });

    it("version: a change of what somebody else has changed is refused", async () => {
      const { id, version } = await tasks.create({ title: "a" });
      await tasks.update(id, { title: "theirs" }, { version });
      const outcome = tasks.update(id, { title: "mine" }, { version });
      await expect(outcome).rejects.toMatchObject({
        code: "ERR_DATABASE_STALE_ROW",
        status: 409,
        details: { table: "tasks", version: 1 },
      });
      await expect(tasks.delete(id, { version })).rejects.toMatchObject({
        code: "ERR_DATABASE_STALE_ROW",
      });
      expect(await tasks.get(id)).toMatchObject({ title: "theirs", version: 2 });
      await tasks.delete(id, { version: 2 });
    });

    it("page(): every row once and in order, whatever happens between the pages", async () => {
      await db().insertMany(
        "tasks",
        Array.from({ length: 25 }, (_, at) => ({
          id: at + 1,
          title: `t${at}`,
          rank: at % 3,
          version: 1,
        })),
      );
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await tasks.page({ orderBy: "rank", direction: "desc", limit: 4, after });
        expect(Object.keys(page.rows[0]!)).toContain("title");
        expect(Object.keys(page.rows[0]!)).not.toContain("infra_cursor");
        seen.push(...page.rows.map(({ rank, id }) => `${rank}.${id}`));
        after = page.next;
        // what was read goes away: a count would skip rows from here on
        await tasks.query().where({ id: page.rows[0]!.id }).delete();
      } while (after !== undefined);
      const expected = Array.from({ length: 25 }, (_, at) => [at % 3, at + 1] as const)
        .toSorted(([a, x], [b, y]) => b - a || y - x)
        .map(([rank, id]) => `${rank}.${id}`);
      expect(seen).toEqual(expected);
      expect((await tasks.page({ where: { rank: 1 }, limit: 2 })).rows).toHaveLength(2);
    });

    // regression: a Date has milliseconds, the column may have microseconds
    it("page(): times that are less than a millisecond apart are told apart", async () => {
      for (const [id, micro] of [
        [1, "2026-01-01 10:00:00.123456"],
        [2, "2026-01-01 10:00:00.123457"],
        [3, "2026-01-01 10:00:00.123455"],
      ] as const) {
        await db().query("insert into tasks (id, title, due, version) values (?, ?, ?, 1)", [
          id,
          "x",
          micro,
        ]);
      }
      for (const direction of ["asc", "desc"] as const) {
        const ids: number[] = [];
        let after: string | undefined;
        do {
          const page = await tasks.page({ orderBy: "due", direction, limit: 1, after });
          ids.push(...page.rows.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        expect(ids).toEqual(direction === "asc" ? [3, 1, 2] : [2, 1, 3]);
      }
    });

    it("page(): refuses a cursor of another list, and limits without sense", async () => {
      await db().insertMany("tasks", [
        { title: "a", version: 1 },
        { title: "b", version: 1 },
      ]);
      const { next } = await tasks.page({ limit: 1 });
      const invalid = { code: "ERR_DATABASE_CURSOR", status: 400 };
      for (const after of [next, "nonsense", "W10", ""]) {
        await expect(tasks.page({ orderBy: "rank", after })).rejects.toMatchObject(invalid);
      }
      await expect(tasks.page({ limit: 0 })).rejects.toThrow(/limit .* got 0/);
      await expect(tasks.page({ direction: "up" as "asc" })).rejects.toThrow(/direction .*"up"/);
    });

    it("belongs to the ambient transaction", async () => {
      const outcome = db().transaction(async () => {
        await tasks.create({ title: "a" });
        throw new Error("no");
      });
      await expect(outcome).rejects.toThrow("no");
      expect(await tasks.count()).toBe(0);
    });
  });
}
