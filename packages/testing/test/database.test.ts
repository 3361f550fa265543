import { DatabaseService } from "@infra/database";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { MockDatabaseService } from "../src/database.js";

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
