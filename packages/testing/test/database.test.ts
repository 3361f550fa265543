import { DatabaseService } from "@infra/database";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";

import {
  inRolledBackTransaction,
  MockDatabaseService,
  openTestDatabase,
  templateDatabase,
} from "../src/database.js";
import { testDatabases } from "../src/index.js";

interface User {
  id: number;
  name: string;
}

class UserRepository {
  readonly #db: DatabaseService;

  constructor(db: DatabaseService) {
    this.#db = db;
  }

  async create(user: Pick<User, "name">): Promise<User> {
    const [created] = await this.#db.table<User>("users").insert(user).returning("*");
    return created as User;
  }
}

describe("MockDatabaseService", () => {
  let db: MockDatabaseService;

  beforeEach(() => {
    db = new MockDatabaseService({
      migrations: [
        {
          name: "users",
          up: (knex) =>
            knex.schema.createTable("users", (table) => {
              table.increments("id");
              table.text("name").notNullable();
            }),
        },
      ],
    });
  });
  afterEach(() => db.stop());

  it.each(["first", "second"])(
    "is a DatabaseService that needs no connect(); the %s is empty",
    async () => {
      expect(db).toBeInstanceOf(DatabaseService);
      const user = await new UserRepository(db).create({ name: "Test User" });
      expect(user).toEqual({ id: 1, name: "Test User" });
    },
    60_000,
  );
});

const engines = await testDatabases(process.env, ["embedded", "postgres", "mysql", "sqlite"]);
for (const engine of engines) {
  const runs = engine.missing === undefined ? describe : describe.skip;
  const names = (db: DatabaseService): Promise<string[]> => db.table<User>("users").pluck("name");
  const makeUsers = async (db: DatabaseService): Promise<void> => {
    await db.knex.schema.createTable("users", (table) => {
      table.increments("id");
      table.text("name").notNullable();
    });
    await db.table<User>("users").insert({ name: "ada" });
  };

  runs(`a database for every test on ${engine.title}`, () => {
    afterAll(() => engine.close(), 60_000);

    it("templateDatabase() gives copies of what was prepared, that know nothing of each other", async () => {
      const open = await templateDatabase(engine, makeUsers);
      await using one = await open();
      await one.table<User>("users").insert({ name: "bob" });
      await using other = await open();
      expect(await names(one)).toEqual(["ada", "bob"]);
      expect(await names(other)).toEqual(["ada"]);
    }, 120_000);

    it("templateDatabase() rejects with what the preparation throws, and leaves nothing connected", async () => {
      let given: DatabaseService | undefined;
      const failed = templateDatabase(engine, async (db) => {
        given = db;
        await db.query("select 1");
        throw new Error("no such luck");
      });
      await expect(failed).rejects.toThrow("no such luck");
      expect(given?.stats().pool).toMatchObject({ used: 0, free: 0 });
    }, 120_000);

    describe("inRolledBackTransaction()", () => {
      let db: DatabaseService;
      beforeAll(async () => {
        db = openTestDatabase(await engine.url());
        await makeUsers(db);
      }, 120_000);
      afterAll(() => db.stop());

      it("gives what the work gives, and leaves nothing of what it did, nor of what it would do after a commit", async () => {
        let committed = false;
        const seen = await inRolledBackTransaction(db, async () => {
          await db.transaction(async () => {
            await db.table<User>("users").insert({ name: "bob" });
            db.afterCommit(() => void (committed = true));
          });
          return names(db);
        });
        expect(seen).toEqual(["ada", "bob"]);
        expect(await names(db)).toEqual(["ada"]);
        expect(committed).toBe(false);
      }, 60_000);

      it("rejects with what the work throws, and leaves nothing either", async () => {
        const failed = inRolledBackTransaction(db, async () => {
          await db.table<User>("users").insert({ name: "bob" });
          throw new Error("not so");
        });
        await expect(failed).rejects.toThrow("not so");
        expect(await names(db)).toEqual(["ada"]);
      }, 60_000);
    });
  });
}
