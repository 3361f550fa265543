import { inspect } from "node:util";

import type { ContractSuite } from "../database-contract.js";
import { beforeAll, beforeEach, describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";

const secret = "hunter2-s3cret";

async function failure(work: () => PromiseLike<unknown>): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("did not fail");
}

/** What is refused: the same error, with the same details. */
export function describeDatabaseErrors(suite: ContractSuite): void {
  const { db } = suite;
  describe("errors", () => {
    beforeAll(async () => {
      await db().knex.schema.createTable("users", (table) => {
        table.increments("id");
        table.string("name").notNullable();
        table.string("email");
        table.integer("age");
        table.unique(["email", "name"], { indexName: "users_identity" });
        table.check("age >= 0", undefined, "users_age_positive");
      });
      await db().knex.schema.createTable("posts", (table) => {
        table.increments("id");
        table.integer("user_id").unsigned().notNullable();
        table.foreign("user_id", "posts_author").references("users.id");
      });
    });

    beforeEach(async () => {
      await db().query("delete from posts");
      await db().query("delete from users");
      await db().query("insert into users (id, name, email) values (1000, ?, ?)", [secret, "a@b"]);
    });

    it("a unique violation names table, columns and constraint", async () => {
      const error = await failure(() => db().table("users").insert({ name: secret, email: "a@b" }));
      expect(error).toMatchObject({
        code: "ERR_DATABASE_UNIQUE",
        status: 409,
        details: {
          table: "users",
          column: "email",
          columns: ["email", "name"],
          constraint: "users_identity",
        },
      });
      const key = await failure(() => db().table("users").insert({ id: 1000, name: "x" }));
      expect(key).toMatchObject({
        code: "ERR_DATABASE_UNIQUE",
        details: { table: "users", columns: ["id"] },
      });
    });

    it("a foreign-key violation names table, column and constraint", async () => {
      const error = await failure(() => db().table("posts").insert({ user_id: 99 }));
      expect(error).toMatchObject({
        code: "ERR_DATABASE_FOREIGN_KEY",
        details: { table: "posts", column: "user_id", constraint: "posts_author" },
      });
    });

    it("a row that is referred to can't go", async () => {
      await db().table("posts").insert({ user_id: 1000 });
      const error = await failure(() => db().table("users").where({ id: 1000 }).delete());
      expect(error).toMatchObject({ code: "ERR_DATABASE_FOREIGN_KEY" });
    });

    itUnless(
      suite.noReferencedKey,
      "a row that is referred to can't go, and is told why",
      async () => {
        await db().table("posts").insert({ user_id: 1000 });
        const error = await failure(() => db().table("users").where({ id: 1000 }).delete());
        expect(error).toMatchObject({ details: { constraint: "posts_author" } });
      },
    );

    it("a not-null violation names the column, a check violation the constraint", async () => {
      const empty = await failure(() => db().table("users").insert({ email: "x", name: null }));
      expect(empty).toMatchObject({
        code: "ERR_DATABASE_NOT_NULL",
        status: 400,
        details: { table: "users", column: "name" },
      });
      const left = await failure(() => db().table("users").insert({ email: "x" }));
      expect(left).toMatchObject({
        code: "ERR_DATABASE_NOT_NULL",
        details: { table: "users", column: "name" },
      });
      const negative = await failure(() => db().table("users").insert({ name: "n", age: -1 }));
      expect(negative).toMatchObject({
        code: "ERR_DATABASE_CHECK",
        details: { table: "users", constraint: "users_age_positive" },
      });
    });

    it("anything else that the engine refuses is a QueryError with the statement", async () => {
      const error = await failure(() => db().query("selec 1"));
      expect(error).toMatchObject({
        code: "ERR_DATABASE_QUERY",
        status: 500,
        details: { sql: "selec 1" },
      });
    });

    // regression: knex writes the bound values into the message, engines into theirs
    it("no bound value is in what is printed", async () => {
      const errors = [
        await failure(() => db().table("users").insert({ name: secret, email: "a@b" })),
        await failure(() => db().table("users").insert({ name: secret, age: -1 })),
        await failure(() =>
          db().query("insert into users (name, email) values (null, ?)", [secret]),
        ),
        await failure(() => db().query(`select '${secret}' from nowhere`)),
        await failure(() => db().query(`selec '${secret}'`)),
        await failure(() =>
          db().transaction(() => db().table("users").insert({ name: secret, email: "a@b" })),
        ),
      ];
      for (const error of errors) expect(inspect(error, { depth: 10 })).not.toContain(secret);
    });
  });
}
