import { inspect } from "node:util";

import { serialiseError, toProblemDetails } from "@infra/errors";
import { beforeAll, beforeEach, expect, it } from "@jest/globals";

import {
  CheckViolationError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  QueryError,
  UniqueViolationError,
  type DatabaseService,
} from "../src/index.js";
import { describeOnEngines } from "./engines.js";

const secret = "hunter2-s3cret";

const failure = async (work: () => PromiseLike<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("did not fail");
};

describeOnEngines("errors", (engine) => {
  let db: DatabaseService;

  beforeAll(async () => {
    db = await engine.open();
    await db.knex.schema.createTable("users", (table) => {
      table.increments("id");
      table.text("name").notNullable();
      table.text("email");
      table.integer("age");
      table.unique(["email", "name"], { indexName: "users_identity" });
      table.check("age >= 0", undefined, "users_age_positive");
    });
    await db.knex.schema.createTable("posts", (table) => {
      table.increments("id");
      table.integer("user_id").notNullable().references("users.id").withKeyName("posts_author");
    });
  }, 60_000);

  beforeEach(async () => {
    await db.query("truncate users, posts");
    await db.query("insert into users (id, name, email) values (1000, ?, ?)", [secret, "a@b"]);
  });

  it("a unique violation names table, columns and constraint", async () => {
    const error = await failure(() => db.table("users").insert({ name: secret, email: "a@b" }));
    expect(UniqueViolationError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "ERR_DATABASE_UNIQUE",
      status: 409,
      details: {
        sqlState: "23505",
        table: "users",
        column: "email",
        columns: ["email", "name"],
        constraint: "users_identity",
      },
    });
  });

  it("a foreign-key violation, from either side", async () => {
    const missing = await failure(() => db.table("posts").insert({ user_id: 99 }));
    expect(ForeignKeyViolationError.is(missing)).toBe(true);
    expect(missing).toMatchObject({
      details: { table: "posts", column: "user_id", constraint: "posts_author" },
    });
    await db.table("posts").insert({ user_id: 1000 });
    const referenced = await failure(() => db.table("users").where({ id: 1000 }).delete());
    expect(ForeignKeyViolationError.is(referenced)).toBe(true);
    expect(referenced).toMatchObject({ details: { constraint: "posts_author" } });
  });

  it("a not-null violation names the column, a check violation the constraint", async () => {
    const empty = await failure(() => db.table("users").insert({ email: "x" }));
    expect(NotNullViolationError.is(empty)).toBe(true);
    expect(empty).toMatchObject({ status: 400, details: { table: "users", column: "name" } });
    const negative = await failure(() => db.table("users").insert({ name: "n", age: -1 }));
    expect(CheckViolationError.is(negative)).toBe(true);
    expect(negative).toMatchObject({
      details: { table: "users", constraint: "users_age_positive" },
    });
  });

  it("anything else the engine refuses is a QueryError with its SQLSTATE", async () => {
    const error = await failure(() => db.query("selec 1"));
    expect(QueryError.is(error)).toBe(true);
    expect(error).toMatchObject({ status: 500, details: { sqlState: "42601", sql: "selec 1" } });
  });

  it("a lock that is not to be had is a LockTimeoutError", async () => {
    const error = await failure(() =>
      db.query("do $$ begin raise exception 'no' using errcode = '55P03'; end $$"),
    );
    expect(LockTimeoutError.is(error)).toBe(true);
  });

  // regression: knex writes the bound values into the message, PostgreSQL into message and detail
  it("no bound value is in what is printed, serialised or answered", async () => {
    const errors = [
      await failure(() => db.table("users").insert({ name: secret, email: "a@b" })),
      await failure(() => db.query("select ?::int", [secret])),
      await failure(() => db.query("select ?::json", [`{${secret}`])),
      await failure(() => db.table("users").insert({ name: secret, age: -1 })),
      await failure(() => db.query("insert into users (name, email) values (null, ?)", [secret])),
      await failure(() => db.query(`select '${secret}' from nowhere`)),
      await failure(() => db.transaction(() => db.query("select ?::int", [secret]))),
    ];
    for (const error of errors) {
      expect(inspect(error, { depth: 10 })).not.toContain(secret);
      expect(JSON.stringify(serialiseError(error))).not.toContain(secret);
      expect(JSON.stringify(toProblemDetails(error))).not.toMatch(
        /hunter2|users|insert|select|constraint/i,
      );
    }
  });

  it("keeps the driver's error, its detail included, as the cause", async () => {
    const error = (await failure(() =>
      db.table("users").insert({ name: secret, email: "a@b" }),
    )) as Error & { cause: Error & { detail: string } };
    expect(error.cause.detail).toContain(secret);
    expect(error.cause.message).toBe(
      'duplicate key value violates unique constraint "users_identity"',
    );
  });
});
