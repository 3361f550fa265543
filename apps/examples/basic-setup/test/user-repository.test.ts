import { readFileSync } from "node:fs";

import { DatabaseService } from "@infra/database";
// The design's "Testing Infrastructure Components", as written there, with the import paths changed to the packages, the
// repository that it uses without declaring it, and an end.
import { container } from "@infra/di";
import type { Inject } from "@infra/interfaces";
import { MockDatabaseService } from "@infra/testing/database";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

interface User {
  readonly id: number;
  readonly name: string;
}

class UserRepository {
  static readonly inject: Inject<typeof UserRepository> = { database: DatabaseService };
  readonly #database: DatabaseService;

  constructor({ database }: { readonly database: DatabaseService }) {
    this.#database = database;
  }

  async create({ name }: Pick<User, "name">): Promise<User> {
    await this.#database.query(
      "create table if not exists users (id int generated always as identity, name text not null)",
    );
    const [user] = await this.#database.query<User>(
      "insert into users (name) values (?) returning *",
      [name],
    );
    return user!;
  }
}

describe("UserRepository", () => {
  beforeEach(() => {
    // Replace the real database with a mock for testing
    container.rebind(DatabaseService).toConstantValue(new MockDatabaseService());
  });

  it("should create a user", async () => {
    const userRepository = container.get(UserRepository);
    const user = await userRepository.create({ name: "Test User" });
    expect(user.id).toBeDefined();
    expect(user.name).toBe("Test User");
  });

  it("should find nothing of the test before", async () => {
    const user = await container.get(UserRepository).create({ name: "Another" });
    expect(user.id).toBe(1);
  });

  afterEach(() => container.get(DatabaseService).stop());
});

describe("the test above", () => {
  it("is the design's, but for its layout", () => {
    const design = `
      describe("UserRepository", () => {
        beforeEach(() => {
          // Replace the real database with a mock for testing
          container
            .rebind(DatabaseService)
            .toConstantValue(new MockDatabaseService());
        });

        it("should create a user", async () => {
          const userRepository = container.get(UserRepository);
          const user = await userRepository.create({ name: "Test User" });
          expect(user.id).toBeDefined();
          expect(user.name).toBe("Test User");
        });`;
    const written = readFileSync(new URL(import.meta.url), "utf8").split('describe("the test')[0]!;
    expect(written.replaceAll(/\s/g, "")).toContain(design.replaceAll(/\s/g, ""));
  });
});
